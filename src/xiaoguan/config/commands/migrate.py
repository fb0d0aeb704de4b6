"""Bring the database's schema to this version."""

from argparse import ArgumentParser, Namespace

from django.core.management import call_command


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quiet", action="store_true", help="print nothing unless something goes wrong")


def run(options: Namespace) -> int:
    """Create or update all tables, the cache's included."""
    verbosity = 0 if options.quiet else 1
    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=verbosity)
    return 0
