"""`xiaoguan manage wiring`: what the apps have registered with each other, so that no reaction is a surprise."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from xiaoguan.kit import wiring


class Command(BaseCommand):
    """Prints every event with its answers, every guard, panel, timeline source, job and schedule."""

    help = "List what the apps have registered with each other: events, guards, panels, timelines, jobs, schedules."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="one JSON object for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list."""
        found = wiring.everything()
        if options["json"]:
            self.stdout.write(json.dumps([each.as_dict() for each in found], ensure_ascii=False))
            return
        kind = ""
        for each in found:
            if each.kind != kind:
                kind = each.kind
                self.stdout.write(f"\n{kind}s")
            self.stdout.write(f"  {each.name:44} {each.label}")
            for where in each.where:
                self.stdout.write(f"      {where}")
