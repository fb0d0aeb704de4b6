"""Processes to be killed by `kill -9`, for tests of what is left then."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from xiaoguan.kit import clock
from xiaoguan.kit.models.job import Job


def database_url() -> str:
    """The database under test, as another process names it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(found['NAME']))}"
    host = quote(found["HOST"] or "", safe="")
    return f"postgresql://{found['USER']}:{quote(found['PASSWORD'])}@:{found['PORT']}/{found['NAME']}?host={host}"


def environment(home: Path, **more: str) -> dict[str, str]:
    """What another process needs to be one of this installation's; sessions and signatures are good in both."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XIAOGUAN_TEST", "PYTEST_"))}
    own = {"XIAOGUAN_HOME": str(home), "DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}
    return kept | own | more


@dataclass(frozen=True)
class Child:
    """One process of the product; a web process listens on `port`."""

    pid: int
    port: int

    def kill(self) -> None:
        """Without a word of warning; returns when it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        while Path(f"/proc/{self.pid}").exists():
            time.sleep(0.002)


@dataclass(frozen=True)
class Nursery:
    """The process that forks them."""

    process: subprocess.Popen[str]

    def child(self, kind: str) -> Child:
        """A new worker (`work`) or web process (`serve`), ready at once."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{kind}\n")
        self.process.stdin.flush()
        pid, port = self.process.stdout.readline().split()
        return Child(int(pid), int(port))


@contextmanager
def nursery(home: Path, **more: str) -> Iterator[Nursery]:
    """Children for one test; whoever is left at the end is killed as well."""
    program = [sys.executable, "-m", "xiaoguan.kit.tests.nursery"]
    process = subprocess.Popen(
        program, env=environment(home, **more), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield Nursery(process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass
class Span:
    """How long a process lives before it is killed: anything up to what lets about every other one get somewhere."""

    randomly: random.Random
    longest: float = 0.2

    def wait(self) -> None:
        """Live for a random while."""
        time.sleep(self.randomly.uniform(0, self.longest))

    def learn(self, *, got_somewhere: bool) -> None:
        """Longer on a slow machine, shorter on a fast one."""
        self.longest = min(3.0, max(0.1, self.longest * (0.8 if got_somewhere else 1.25)))


def let_leases_run_out() -> None:
    """What time would do: the worker that held them is dead, and another may take over."""
    past = clock.machine_now() - timedelta(seconds=1)
    Job.objects.filter(state=Job.State.RUNNING).update(lease_until=past)
