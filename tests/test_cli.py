"""The command line: what it knows, how it refuses, and that its processes end together."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from xiaoguan import __version__
from xiaoguan.config import cli, supervisor

from tests.server import Moulds, Server, free_port, installation

PATIENCE = 30


@pytest.fixture
def place(tmp_path: Path, moulds: Moulds) -> Server:
    """An installation without a schema, not started."""
    return installation(tmp_path / "home", moulds.database(f"xg_{moulds.number}_cli"))


@pytest.fixture
def ready(tmp_path: Path, moulds: Moulds) -> Iterator[Server]:
    """An installation with a schema, not started; stopped at the end whatever happened."""
    server = moulds.copy(tmp_path / "home", "migrate")
    yield server
    server.stop()


@pytest.mark.once
def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Each module of config/commands is a subcommand, with the first line of its docstring."""
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in cli.names():
        assert cli.purpose(name)
        assert f"  {name} " in shown
    assert {"serve", "worker", "migrate", "demo", "doctor", "check"} <= set(cli.names())


@pytest.mark.once
def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown word and no word at all are wrong usage: 2, with the reason on stderr."""
    assert cli.main(["srve"]) == 2
    assert "srve" in capsys.readouterr().err
    assert cli.main([]) == 2
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.strip().endswith(__version__)


def test_unreadable_environment(place: Server) -> None:
    """A misspelt knob is one sentence and exit code 1, no traceback."""
    place.environment["DATABASE_URL"] = "mysql://ann@db/sales"
    done = place.run("migrate")
    assert (done.returncode, done.stdout) == (1, "")
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_serving_an_old_schema_is_refused(place: Server) -> None:
    """The way out is named."""
    done = place.run("serve")
    assert done.returncode == 1
    assert "xiaoguan migrate" in done.stderr


def test_a_taken_port_is_refused(place: Server) -> None:
    """Before anything else is tried."""
    with closing(socket.create_server(("127.0.0.1", free_port()))) as other:
        done = place.run("serve", "--port", str(other.getsockname()[1]))
    assert done.returncode == 1
    assert "PORT=" in done.stderr


def test_the_doctor_tells_sound_from_ill(place: Server) -> None:
    """An installation without a schema is ill, one with it is sound; a knob that does not exist is a warning."""
    place.environment["XIAOGUAN_MISSPELT"] = "1"
    ill = json.loads(place.run("doctor", "--json").stdout)
    assert {finding["subject"]: finding["state"] for finding in ill["findings"]}["schema"] == "fail"
    assert any("XIAOGUAN_MISSPELT" in finding["text"] for finding in ill["findings"])
    assert place.run("doctor").returncode == 1
    assert place.run("migrate", "--quiet").returncode == 0
    sound = place.run("doctor", "--json")
    assert [finding for finding in json.loads(sound.stdout)["findings"] if finding["state"] == "fail"] == []
    assert sound.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes as Linux lists them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_its_processes_end_together(ready: Server, number: signal.Signals) -> None:
    """A stopped server leaves no process behind, not even when it was killed."""
    ready.start()
    assert ready.process is not None
    family = descendants(ready.process.pid)
    assert len(family) >= 2, "a web process and a worker"
    ready.process.send_signal(number)
    ready.process.wait(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while left := [pid for pid in family if alive(pid)]:
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes as Linux lists them")
def test_a_dead_worker_is_started_again(ready: Server) -> None:
    """The pages stay, the worker comes back."""
    ready.start()
    assert ready.process is not None
    first = worker_of(ready.process.pid)
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while worker_of(ready.process.pid) in (0, first):
        assert time.monotonic() < deadline, "no new worker"
        time.sleep(0.1)


@pytest.mark.once
def test_the_lifeline_is_felt() -> None:
    """Cutting it calls those who follow, once."""
    lifeline, called = supervisor.Lifeline(), []
    supervisor.follow(lifeline.reading, lambda: called.append(True))
    time.sleep(0.05)
    assert not called
    lifeline.cut()
    deadline = time.monotonic() + PATIENCE
    while not called:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.once
def test_a_worker_knows_every_job_that_a_page_may_leave_to_it(tmp_path: Path) -> None:
    """A worker never loads the addresses; what is declared beside a page alone would wait for ever."""
    script = (
        "import django; django.setup();"
        "from importlib import import_module as load; load('xiaoguan.config.commands.worker');"
        "from xiaoguan.kit import job; before = set(job.kinds);"
        "load('xiaoguan.config.urls'); print(len(before), sorted(set(job.kinds) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "xiaoguan.config.settings", "XIAOGUAN_HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    count, missing = done.stdout.strip().split(" ", 1)
    assert int(count) > 20
    assert missing == "[]"


def descendants(parent: int) -> list[int]:
    """Return the children of a process, as Linux lists them."""
    lists = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(word) for path in lists for word in path.read_text("ascii").split()]


def alive(pid: int) -> bool:
    """Return whether a process still runs; one that ended and was not yet asked for its result does not."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def worker_of(parent: int) -> int:
    """Return the worker among the children, 0 when there is none at this moment."""
    for pid in descendants(parent):
        words = Path(f"/proc/{pid}/cmdline")
        if alive(pid) and b"--with-parent" in words.read_bytes():
            return pid
    return 0
