"""A process that forks workers in a moment: tests kill many of them and can't wait for each to load the product.

Run as `python -m tests.nursery KIND…`; each line it reads starts a worker for these kinds of jobs, whose process
number it prints, and then `gone` once that worker has ended. It opens no database itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings


def say(word: object) -> None:
    """Tell the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the test closes the pipe."""
    django.setup()
    from xiaoguan.kit import worker

    kinds = set(sys.argv[1:])
    say("ready")
    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            while worker.work_once(names=kinds):
                pass
            os._exit(0)
        say(pid)
        os.waitpid(pid, 0)
        say("gone")


class Nursery:
    """The running process, for a test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self) -> int:
        """The process number of a new worker."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def wait(self) -> None:
        """Until the worker has ended."""
        assert self._process.stdout
        assert self._process.stdout.readline() == "gone\n"


@contextmanager
def nursery(home: Path, database: str, *kinds: str, **more: str) -> Iterator[Nursery]:
    """Workers with the files of this test run and its database."""
    home.mkdir(exist_ok=True)
    (home / "files").symlink_to(settings.MEDIA_ROOT)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XIAOGUAN_TEST", "PYTEST_"))}
    own = {"XIAOGUAN_HOME": str(home), "DATABASE_URL": database, "SECRET_KEY": "k" * 60}
    own["DJANGO_SETTINGS_MODULE"] = "xiaoguan.config.settings"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.nursery", *kinds],
        env=kept | own | more,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    try:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield Nursery(process)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
