"""Bring the database's schema to this version."""

from argparse import ArgumentParser, Namespace

from xiaoguan.config import schema


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quiet", action="store_true", help="print nothing unless something goes wrong")


def run(options: Namespace) -> int:
    """Create or update all tables, the cache's included."""
    schema.upgrade(verbosity=0 if options.quiet else 1)
    return 0
