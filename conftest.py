"""What holds for every test: which ones run here, and that a full run leaves nothing out."""

import gc
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

from tests.machine import CHROMIUM

ROOT = Path(__file__).parent
FULL = bool(os.environ.get("XIAOGUAN_TEST_FULL"))
ON_POSTGRES = os.environ.get("XIAOGUAN_TEST_DATABASE_URL", "").startswith("postgres")
ASKED_AGAIN = 3
RARELY = (50_000, 20, 50)
LASTING = ("browser", "slow", "long")
REAL_FILES = Path(os.environ.get("XIAOGUAN_TEST_FILES", ROOT.parent / "shared" / "data"))

# How fast one example runs says more about the machine's other work than about the law it checks.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# Ten thousand tests stay, and what they make goes by itself: looking for garbage took a twelfth of a worker's time.
gc.set_threshold(*RARELY)

pytest_plugins = ["tests.browser", "tests.handler", "tests.seeds", "tests.cast", "tests.server", "tests.world"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database engine; skip what this machine cannot do; begin with what lasts."""
    other = "sqlite" if ON_POSTGRES else "postgres"
    left = {id(item) for item in items if item.get_closest_marker(other)}
    if ON_POSTGRES:
        left |= {id(item) for item in _laws_told_already(items)}
    config.hook.pytest_deselected(items=[item for item in items if id(item) in left])
    items[:] = [item for item in items if id(item) not in left]
    for item in items:
        if not item.get_closest_marker("browser"):
            continue
        if not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))
        # On a crowded machine a browser may lose a race with the page; a real fault fails three times.
        item.add_marker(pytest.mark.flaky(reruns=2))
    # Files go to the workers in this order: one that lasts minutes must not be alone at the end.
    lasting = {item.path for item in items if any(item.get_closest_marker(name) for name in LASTING)}
    items.sort(key=lambda item: item.path not in lasting)


def _laws_told_already(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return what the second engine need not be asked: SQLite has been asked every law about every entity.

    The code is the same for all entities, so each law is asked here about a third of them, another third for each
    law; together they meet every entity.
    """
    laws: dict[str, list[pytest.Item]] = {}
    for item in items:
        if "entity" in getattr(getattr(item, "callspec", None), "params", {}) and not item.get_closest_marker("once"):
            laws.setdefault(item.nodeid.partition("[")[0], []).append(item)
    found = []
    for number, cases in enumerate(laws.values()):
        offset = number % min(ASKED_AGAIN, len(cases))
        found += [case for index, case in enumerate(cases) if index % ASKED_AGAIN != offset]
    return found


def pytest_collection_finish() -> None:
    """Leave modules and tests out of the search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def real_files() -> Path:
    """Return the folder with files from the world outside; tests that need it are skipped where it is absent."""
    if not REAL_FILES.is_dir():
        pytest.skip("no folder of real files beside the repository")
    return REAL_FILES


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a full run in which a test was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if FULL and reporter and reporter.stats.get("skipped") and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line each what was left out and why."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{'FORBIDDEN IN A FULL RUN: ' if FULL else ''}left out {count}: {reason}")
    if os.environ.get("XIAOGUAN_TEST_QUICK"):
        terminalreporter.write_line("left out: the second run on PostgreSQL and the slow tests (make test TEST=all)")


def _reason(report: pytest.TestReport) -> str:
    """Return why a test was skipped, without file and line."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
