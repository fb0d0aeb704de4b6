"""Every check that needs no running product; all of them run, then the failed ones are named."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANAGE = ["-m", "xiaoguan.config.cli", "manage"]
CHECKS = {
    "lint": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
    "floors": ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_floors.py"],
    "system check": [*MANAGE, "check", "--fail-level", "WARNING"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "messages": ["tools/messages.py", "check"],
    "locks": ["tools/lock.py", "check"],
}


def main() -> int:
    """Run the checks one after the other and return 1 when one of them failed."""
    failed = []
    with tempfile.TemporaryDirectory() as home:
        for name, words in CHECKS.items():
            started = time.monotonic()
            environment = {**os.environ, "XIAOGUAN_HOME": home, "DATABASE_URL": "", "PYTHONUNBUFFERED": "1"}
            done = subprocess.run(
                [sys.executable, *words],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
            print(
                f"{'ok  ' if not done.returncode else 'FAIL'} {name} ({time.monotonic() - started:.1f} s)", flush=True
            )
            if done.returncode:
                failed.append(name)
                print(done.stdout, flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
