"""Look at this installation and say what is wrong with it; on demand make derived data anew."""

import json
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from xiaoguan.config import diagnosis
from xiaoguan.kit import derived

SIGNS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rebuild", action="store_true", help="first make everything derived anew from the records")


def run(options: Namespace) -> int:
    """Print what was found; 1 when something does not work."""
    if options.rebuild:
        for each in derived.everything.values():
            print(f"{each.label}: {each.rebuild()}", file=sys.stderr)
    found = diagnosis.examine()
    good = all(finding.state != "fail" for finding in found)
    if options.json:
        print(json.dumps({"ok": good, "findings": [asdict(finding) for finding in found]}, ensure_ascii=False))
    else:
        for finding in found:
            print(f"{SIGNS[finding.state]}  {finding.label}: {finding.text}")
            if finding.mend:
                print(f"      → {finding.mend}")
    return 0 if good else 1
