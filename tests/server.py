"""The product as users meet it: its own process, its own home folder, real static files; driven over HTTP alone."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

PATIENCE = 300
ADMIN = os.environ.get("XIAOGUAN_TEST_DATABASE_URL", "")


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


class Moulds:
    """Prepared installations, each made once per run whatever the number of workers, and copied for every test."""

    def __init__(self, folder: Path, number: str) -> None:
        self.folder = folder
        self.number = number
        self.made: list[str] = []

    def copy(self, home: Path, *preparation: str) -> Server:
        """Return a new installation, not started, as if ``xiaoguan`` had just run with these words on an empty one."""
        mould = self.folder / "-".join(preparation)
        name = f"xg_{'_'.join(preparation)}"
        self._once(mould, lambda: self._prepare(mould, name, preparation))
        shutil.copytree(mould, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.done", "*.log"))
        return installation(home, self.database(f"xg_{self.number}_{len(self.made)}", like=name))

    def database(self, name: str, like: str = "template0") -> str:
        """Return the URL of a new PostgreSQL database, or nothing when the suite runs on SQLite."""
        if not ADMIN:
            return ""
        with psycopg.connect(ADMIN, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        self.made.append(name)
        return urlunsplit(urlsplit(ADMIN)._replace(path=f"/{name}"))

    def drop(self) -> None:
        """Remove the databases that this worker made; the moulds go with the private server."""
        for name in self.made if ADMIN else ():
            with psycopg.connect(ADMIN, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _prepare(self, mould: Path, name: str, preparation: tuple[str, ...]) -> None:
        """Make the installation that is copied."""
        url = self.database(name)
        if url:
            self.made.remove(name)
        # What the demonstration leaves to a worker is done here once, not by the worker of every copy.
        for words in (preparation, ("worker", "--once")) if "demo" in preparation else (preparation,):
            done = installation(mould, url).run(*words)
            assert done.returncode == 0, f"xiaoguan {' '.join(words)}: {done.stderr}"

    @staticmethod
    def _once(mould: Path, make: Callable[[], None]) -> None:
        """Let one worker make it while the others wait; a failure is theirs too."""
        try:
            mould.mkdir(parents=True)
        except FileExistsError:
            deadline = time.monotonic() + 5 * PATIENCE
            while not (mould / "mould.done").exists():
                assert time.monotonic() < deadline, f"{mould.name} was not made"
                time.sleep(0.2)
        else:
            try:
                make()
            finally:
                (mould / "mould.done").write_text("", encoding="ascii")


@pytest.fixture(scope="session")
def moulds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moulds]:
    """Prepared installations to copy."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    base = tmp_path_factory.getbasetemp()
    found = Moulds((base.parent if worker else base) / "moulds", worker or "gw")
    yield found
    found.drop()


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[Server]:
    """A running installation with the small demo company; shared by the tests of a worker, so only look at it."""
    yield from running(moulds.copy(tmp_path_factory.mktemp("demo"), "demo"))


@pytest.fixture
def own_demo_server(tmp_path: Path, moulds: Moulds) -> Iterator[Server]:
    """A running installation with the small demo company, for one test that changes things."""
    yield from running(moulds.copy(tmp_path / "home", "demo"))


@pytest.fixture
def empty_server(tmp_path: Path, moulds: Moulds) -> Iterator[Server]:
    """A running installation with a schema and nobody in it, for one test alone."""
    yield from running(moulds.copy(tmp_path / "home", "migrate"))


def running(server: Server) -> Iterator[Server]:
    """Yield the started server and stop it whatever happens."""
    server.start()
    try:
        yield server
    finally:
        server.stop()
