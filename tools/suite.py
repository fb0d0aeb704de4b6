"""Runs the tests: quick on SQLite; ``all`` on SQLite and PostgreSQL with nothing left out; or what is named.

Nothing is printed after pytest's own closing line.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import postgres
import spark

ROOT = Path(__file__).resolve().parent.parent
# One more than there are cores: journeys and killed workers wait for other processes much of their time.
WORKERS = os.environ.get("XIAOGUAN_TEST_WORKERS", str((os.cpu_count() or 1) + 1))
PARALLEL = ["-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder"]
DEMANDED = os.environ.get("XIAOGUAN_TEST_SPARK") == "1"
"""Whether Spark is fetched where it is not, as on the machine that checks changes."""
PATIENCE = 180
"""Seconds after the tests on SQLite, which take a quarter of an hour."""
DATABASE_FREE = ["src/xiaoguan/calc", "src/xiaoguan/lexicon"]


def pytest(words: list[str], **environment: str) -> int:
    """Run pytest with the given arguments and extra environment; returns its exit code."""
    command = [sys.executable, "-m", "pytest", "-q", *words]
    told = {**os.environ, **environment}
    # Tests start hundreds of processes: each would take a second and a half more without what is compiled once.
    told.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.call(command, cwd=ROOT, env=told)


def everything() -> int:
    """Run the whole suite on SQLite, then all that touches a database on PostgreSQL; a skipped test is a failure.

    Spark, which one test asks, is left out where it isn't, and the run says so.
    """
    fetching = spark.begin() if DEMANDED and not spark.ready() else None
    try:
        with postgres.private() as url:
            print("== SQLite ==", flush=True)
            code = pytest([*PARALLEL, "-m", "not postgres and not spark"], XIAOGUAN_TEST_FULL="1")
            if code:
                return code
            wait(fetching)
            print("== PostgreSQL ==", flush=True)
            leave = [f"--ignore={path}" for path in DATABASE_FREE]
            choice = "not sqlite and not once and not slow and not browser"
            if not spark.ready():
                print("left out: every metric on Spark (python tools/spark.py fetches it; Java is needed)", flush=True)
                choice += " and not spark"
            return pytest([*PARALLEL, "-m", choice, *leave], XIAOGUAN_TEST_FULL="1", XIAOGUAN_TEST_DATABASE_URL=url)
    except postgres.Unavailable as reason:
        print(reason, file=sys.stderr)
        return 1
    finally:
        if fetching and fetching.poll() is None:
            fetching.terminate()


def wait(fetching: subprocess.Popen[str] | None) -> None:
    """Wait until Spark is here, but not for ever; where it can't be had (half a gigabyte from afar) say why."""
    if fetching is None:
        return
    try:
        _nothing, said = fetching.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        fetching.terminate()
        fetching.wait()
        said = "it takes too long"
    if fetching.returncode:
        print(f"Spark could not be had: {said.strip()}", file=sys.stderr, flush=True)


def main() -> int:
    """Choose by the words given: none, ``all``, or paths and options of pytest."""
    words = sys.argv[1:]
    if words == ["all"]:
        return everything()
    if words:
        return pytest(words)
    return pytest([*PARALLEL, "-m", "not slow and not postgres and not spark"], XIAOGUAN_TEST_QUICK="1")


if __name__ == "__main__":
    sys.exit(main())
