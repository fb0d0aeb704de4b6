"""Look at this installation and say what is wrong with it."""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from xiaoguan.config import diagnosis

SIGNS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: Namespace) -> int:
    """Print what was found; 1 when something does not work."""
    found = diagnosis.examine()
    good = all(finding.state != "fail" for finding in found)
    if options.json:
        print(json.dumps({"ok": good, "findings": [asdict(finding) for finding in found]}, ensure_ascii=False))
    else:
        print("\n".join(f"{SIGNS[finding.state]}  {finding.subject}: {finding.text}" for finding in found))
    return 0 if good else 1
