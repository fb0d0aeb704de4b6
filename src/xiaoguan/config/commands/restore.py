"""Put a backup in place of what this installation holds."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from xiaoguan.apps.org.models.person import Person
from xiaoguan.config import archive, schema
from xiaoguan.config.refused import Refused


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="an archive made by: xiaoguan backup")
    parser.add_argument("--replace", action="store_true", help="even though there are people in this database")


def run(options: Namespace) -> int:
    """Restore, then bring the schema up to this version; stop web and worker processes before."""
    if not options.file.is_file():
        raise Refused(f"{options.file} is not a file.")
    if not options.replace and not schema.fresh() and Person.objects.exists():
        raise Refused("There are people in this database; with --replace the backup takes the place of all of it.")
    note = archive.read(options.file)
    schema.upgrade()
    print(f"Restored what was kept on {note['made_at']} by version {note['version']}.")
    return 0
