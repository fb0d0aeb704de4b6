"""The product as users meet it: its own process, its own home folder, real static files; driven over HTTP alone."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

PATIENCE = 120


@dataclass
class Server:
    """One running installation: ``url`` to call, ``home`` with its files, ``run`` for its command line."""

    url: str
    home: Path
    environment: dict[str, str]
    program: list[str]
    process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``xiaoguan`` with these words against this installation."""
        return subprocess.run(
            [*self.program, *words], env=self.environment, capture_output=True, encoding="utf-8", check=False
        )

    def start(self, *words: str) -> None:
        """Serve, and return when the first page can be answered."""
        log = (self.home / "server.log").open("ab")
        self.process = subprocess.Popen(
            [*self.program, "serve", *words], env=self.environment, stdout=log, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if self._ready():
                return
            time.sleep(0.1)
        self.stop()
        raise AssertionError(f"the server did not start:\n{(self.home / 'server.log').read_text('utf-8')[-4000:]}")

    def stop(self) -> None:
        """End the server and wait for it."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _ready(self) -> bool:
        """Return whether the installation says that it can be used."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def free_port() -> int:
    """Return a port on which nothing listens at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def installation(home: Path, database_url: str = "", program: list[str] | None = None) -> Server:
    """Return an installation that is not started yet; without a database URL it keeps SQLite in ``home``."""
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XIAOGUAN_", "DJANGO_"))}
    environment = kept | {
        "XIAOGUAN_HOME": str(home),
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "XIAOGUAN_WEB_WORKERS": "1",
    }
    own = [str(Path(sys.executable).parent / "xiaoguan")]
    return Server(f"http://127.0.0.1:{port}", home, environment, program or own)


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[str], str]]:
    """Return a function that makes an empty database of the engine under test and returns its URL."""
    admin = os.environ.get("XIAOGUAN_TEST_DATABASE_URL", "")
    made: list[str] = []

    def make(name: str) -> str:
        if not admin:
            return ""
        full = f"xg_{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{full}"')
        made.append(full)
        return urlunsplit(urlsplit(admin)._replace(path=f"/{full}"))

    yield make
    for full in made:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[str], str]) -> Iterator[Server]:
    """A running installation with the small demo company; shared by all tests of a worker, so only look at it."""
    server = installation(tmp_path_factory.mktemp("demo"), new_database("demo"))
    server.start("--demo")
    yield server
    server.stop()


@pytest.fixture
def empty_server(tmp_path: Path, new_database: Callable[[str], str]) -> Iterator[Server]:
    """A running installation with a schema and nobody in it, for one test alone."""
    server = installation(tmp_path / "home", new_database("empty"))
    done = server.run("migrate", "--quiet")
    assert done.returncode == 0, done.stderr
    server.start()
    yield server
    server.stop()
