"""Check the program and its settings without touching data."""

from argparse import ArgumentParser, Namespace

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from xiaoguan.config.refused import Refused


def arguments(parser: ArgumentParser) -> None:
    """Take no options."""


def run(options: Namespace) -> int:
    """Run all system checks, those for a public address too when one is set."""
    try:
        call_command("check", deploy=settings.HTTPS, fail_level="WARNING")
    except SystemCheckError as error:
        raise Refused(str(error)) from error
    return 0
