"""Write the records of a list to a CSV or Excel file."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from urllib.parse import parse_qsl

from django.utils import translation
from django.utils.translation import gettext as _

from xiaoguan.config import schema
from xiaoguan.config.naming import actor_named, entity_named
from xiaoguan.config.refused import Refused
from xiaoguan.kit import access, export
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.views import EVERYTHING

WRONG_USAGE = 2
ENDINGS = (".csv", ".xlsx")


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("entity", metavar="ENTITY", help="deals, customers, people …")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="a .csv or .xlsx file to write")
    parser.add_argument(
        "--where", default="", metavar="FILTERS", help="as in the list's address: 'stage=3&won_on=this_month&q=acme'"
    )
    parser.add_argument("--columns", default="", metavar="NAMES", help="field names with commas (default: the list's)")
    parser.add_argument("--by", metavar="USERNAME", help="whose rights apply (default: the system, which sees all)")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")


def run(options: Namespace) -> int:
    """Write every matching row, in the list's order, with the rights and masks of whoever asks."""
    try:
        entity = entity_named(options.entity)
    except LookupError as problem:
        return _wrong(str(problem))
    if options.to.suffix.lower() not in ENDINGS:
        return _wrong(f"{options.to} ends neither in .csv nor in .xlsx")
    if schema.pending():
        raise Refused("The database's schema is not the one of this version; run: xiaoguan migrate")
    actor = actor_named(options.by)
    with translation.override(actor.language or None):
        if not access.may(actor, "export", entity.model):
            raise Refused(_("You may not export %(entity)s.") % {"entity": entity.plural})
        params = dict(parse_qsl(options.where, keep_blank_values=True))
        params.setdefault("view", EVERYTHING.code)
        if options.columns:
            params["cols"] = options.columns
        listing = Listing(entity, actor, params)
        sheet = export.Sheet(listing)
        count = listing.totals.count
        if listing.sort and listing.problems:
            # A dropped filter would write more than was asked for.
            return _wrong("\n".join(map(str, listing.problems)))
        _write(sheet, options.to)
    print(json.dumps({"file": str(options.to), "rows": count}) if options.json else f"{count} → {options.to}")
    return 0


def _write(sheet: export.Sheet, path: Path) -> None:
    """Write beside the file and put it in place when it is whole: nobody finds half an export."""
    draft = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == ".csv":
            with draft.open("w", encoding="utf-8", newline="") as text:
                text.writelines(export.csv_lines(sheet))
        else:
            with draft.open("wb") as out:
                export.write_xlsx(sheet, out)
        draft.replace(path)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _wrong(sentence: str) -> int:
    """Say what is wrong with the words given."""
    print(sentence, file=sys.stderr)
    return WRONG_USAGE
