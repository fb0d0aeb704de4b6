"""A served installation under the eyes of /proc: who asks, how long it takes, and whose processor time it costs."""

from __future__ import annotations

import http.client
import os
import re
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")


# --- Processes --------------------------------------------------------------------------------------------------


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (found := _stat(int(entry.name))):
            below.setdefault(int(found[1]), []).append(int(entry.name))
    members = [pid]
    for one in members:
        members += below.get(one, [])
    return members


def cpu_ms(pid: int, *, without: int = 0) -> float:
    """Milliseconds of processor time of a process, its ended children and everything alive below it."""
    total = 0
    for one in family(pid):
        found = _stat(one)
        if found and one != without:
            total += int(found[11]) + int(found[12])
            total += int(found[13]) + int(found[14]) if one == pid else 0
    return total * 1000 / TICK


def memory_mb(pid: int) -> list[float]:
    """Resident megabytes of every web process below a server."""
    found = []
    for one in family(pid)[1:]:
        status = Path(f"/proc/{one}/status").read_text()
        if size := re.search(r"VmRSS:\s+(\d+)", status):
            found.append(round(int(size[1]) / 1024, 1))
    return found


@dataclass
class Served:
    """A running server: its port, its process and, with PostgreSQL, the database's."""

    port: int
    pid: int
    database_pid: int = 0
    own_backend: int = 0
    """The backend of the bench itself, which is nobody's cost."""

    def cpu(self) -> tuple[float, float]:
        """Milliseconds used so far by the application and by the database."""
        database = cpu_ms(self.database_pid, without=self.own_backend) if self.database_pid else 0.0
        return cpu_ms(self.pid), database


@contextmanager
def serving(environment: dict[str, str], processes: int = 2) -> Iterator[Served]:
    """Run `xiaoguan serve` without worker until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["-m", "xiaoguan.config.cli", "serve", "--no-worker", "--port", str(port), "--processes", str(processes)]
    python = Path(__file__).resolve().parent.parent / ".venv/bin/python"
    server = subprocess.Popen([python, *words], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while not _ready(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            time.sleep(0.2)
        yield Served(port, server.pid)
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


def _ready(port: int) -> bool:
    try:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        line.request("GET", "/readyz")
        return line.getresponse().status == 200
    except OSError:
        return False


# --- Asking -----------------------------------------------------------------------------------------------------


class Unexpected(Exception):
    """An answer of another kind than was asked for."""


@dataclass
class Ask:
    """One request of somebody: `cookie` is his session, a `body` makes it a POST."""

    path: str
    cookie: str
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    expect: Sequence[int] = (200,)


class Client:
    """One visitor with one connection."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def ask(self, what: Ask) -> tuple[float, int]:
        """Milliseconds and bytes of one answer; Unexpected when it has another status."""
        headers = {"Cookie": what.cookie, "Accept-Encoding": "identity", **what.headers}
        begun = time.perf_counter()
        self.line.request("GET" if what.body is None else "POST", what.path, what.body, headers)
        answer = self.line.getresponse()
        size = len(answer.read())
        taken = (time.perf_counter() - begun) * 1000
        if answer.status not in what.expect:
            raise Unexpected(f"{what.path} answered {answer.status}")
        return taken, size


def measure(served: Served, asks: Iterator[Ask], clients: int, number: int) -> dict[str, Any]:
    """Milliseconds (median and 95th percentile) and processor time per request of some clients at once."""
    lock, taken, sizes, faults = threading.Lock(), [], [], []

    def visit() -> None:
        client = Client(served.port)
        try:
            while True:
                with lock:
                    if faults or len(taken) >= number:
                        return
                    what = next(asks)
                spent, size = client.ask(what)
                with lock:
                    taken.append(spent)
                    sizes.append(size)
        except (Unexpected, OSError, http.client.HTTPException) as problem:
            faults.append(problem)

    app, database = served.cpu()
    threads = [threading.Thread(target=visit) for _ in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if faults:
        raise faults[0]
    app_now, database_now = served.cpu()
    return {
        "p50": round(statistics.median(taken), 1),
        "p95": round(sorted(taken)[min(len(taken) - 1, int(len(taken) * 0.95))], 1),
        "app_ms": round((app_now - app) / len(taken), 2),
        "db_ms": round((database_now - database) / len(taken), 2),
        "kb": round(statistics.mean(sizes) / 1024, 1),
        "n": len(taken),
    }
