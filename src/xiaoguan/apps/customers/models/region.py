"""Where a customer is, as the code of a region: what a field of regions shows, and what may be asked of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from xiaoguan.kit import kinds
from xiaoguan.lexicon import regions


class RegionField(models.CharField):
    """Six digits of GB/T 2260, or nothing; read and filtered by the names of places."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": 6, "blank": True, "default": "", **options})


class RegionKind(kinds.Kind):
    """A region: people write and read names, the database keeps the code."""

    def parse(self, text: str, field: models.Field[Any, Any], **hints: Any) -> str:
        """A code, or a place in any spelling."""
        return _code(text) if text.strip() else ""

    def plain(self, value: Any) -> Any:
        """The name with what it lies in, for a cell of an export."""
        return self.told(value) if value else value

    def told(self, value: Any) -> str:
        """Jiangsu · Suzhou · Kunshan; a municipality is named once."""
        return " · ".join(dict.fromkeys(name for name in regions.path(value) if name)) or str(value)

    def said(self, raw: str) -> str:
        """A chip names the place."""
        try:
            return _("in %(place)s") % {"place": self.told(_code(raw))}
        except kinds.Unparsable:
            return ""

    def where(self, path: str, raw: str, actor: Any = None) -> Q:
        """In a region, all that lies in it included: `320500`, `3205`, a name or several with commas; `none`."""
        if raw == "none":
            return Q(**{path: ""})
        found = Q(pk__in=[])
        for part in raw.split(","):
            # A range and not a prefix: an index answers it on every database.
            inside = regions.prefix(_code(part))
            found |= Q(**{f"{path}__gte": inside.ljust(6, "0"), f"{path}__lte": inside.ljust(6, "9")})
        return found


def _code(text: str) -> str:
    """The region that a code, its first digits or a place's name mean; raises Unparsable for anything else."""
    bare = text.strip().removeprefix("=")
    digits = bare.isascii() and bare.isdigit()
    code, unknown = (bare.ljust(6, "0"), ()) if digits else regions.read(bare)
    if unknown or not regions.name(code):
        raise kinds.Unparsable("not_a_place", text)
    return code


kinds.register(RegionField, RegionKind())
