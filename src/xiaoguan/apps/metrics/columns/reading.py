"""Answers from the copy and the database together: the copy without what is marked, and that as the database has it.

What is marked is read once for each set of marks and kept beside the copy; every question first asks the database,
in one short query, which copy holds and what is marked now. When anything is wrong the database answers alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any

from django.db import connection

from xiaoguan.apps.metrics import emitter
from xiaoguan.apps.metrics.columns import engine, files, wide
from xiaoguan.apps.metrics.dialects import WIDE
from xiaoguan.apps.metrics.models.copy import Ahead
from xiaoguan.apps.metrics.spec import TIMES, Measure, Slice

logger = logging.getLogger("xiaoguan.columns")

MOST = 3_000
"""With more marks than this reading what they are about takes longer than the answer is worth."""
FEW = 20
"""What so few people are credited with the database finds by its index, whatever is asked."""
SHORT = timedelta(7)
"""And so short a time."""
TRIES = 3
SEEN = (
    "SELECT (SELECT name FROM metrics_copied WHERE id = 1), COUNT(*), COALESCE(SUM(stamp), 0),"
    " COALESCE(MAX(CASE WHEN party IS NULL AND record IS NULL THEN 1 ELSE 0 END), 0) FROM metrics_ahead"
)


@dataclass(frozen=True)
class Seen:
    """Which copy holds, and a token of what is marked."""

    name: str
    count: int
    stamps: int
    all_marked: bool


class _Kept:
    """What this process has open: one copy, and beside it what is marked."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.drop()

    def drop(self, broken: str = "") -> None:
        """Close; a copy named `broken` isn't opened again."""
        self.engine: Any = None
        self.manifest: files.Manifest | None = None
        self.seen: Seen | None = None
        self.marks: dict[tuple[int, int], wide.Mark] = {}
        """The marks whose rows are beside the copy, by id and stamp."""
        self.words: wide.Words = {}
        """Those of the copy and of what is marked."""
        self.views: set[str] = set()
        """Schemas with what a text reads, one for each stretch of years asked for."""
        self.broken = broken


kept = _Kept()


def fitting(measures: Sequence[Measure], by: Sequence[str], where: Slice) -> bool:
    """Whether the copy can answer a question, and better than the database."""
    if not engine.is_on():
        return False
    used = {*by, *where.only, *(code for each in measures for code, _values in each.where)}
    few = where.people is not None and len(where.people) <= FEW
    return used <= WIDE.keys() | set(TIMES) and not few and where.last - where.first >= SHORT


def ask(text: emitter.Text, where: Slice) -> list[tuple[Any, ...]] | None:
    """The rows of a text compiled for DuckDB; None where the database must answer."""
    seen = _see()
    if seen is None:
        return None
    values = [*text.values, *emitter.parameters(where, "duckdb")]
    with kept.lock:
        try:
            if not _ready(seen):
                return None
            _look(where.first.year, where.last.year)
            found = kept.engine.execute(text.sql, values).fetchall()
        except (files.Damaged, *engine.failures()) as error:
            logger.warning("the columnar copy can't be read, the database answers instead: %s", error)
            kept.drop(broken=seen.name)
            return None
    return [tuple(cell.isoformat() if isinstance(cell, date) else cell for cell in row) for row in found]


def _see() -> Seen | None:
    """Which copy holds; None when none does or too much is marked."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN)
        name, count, stamps, all_marked = cursor.fetchone()
    if not name or count > MOST or all_marked or name == kept.broken:
        return None
    return Seen(name, count, int(stamps), bool(all_marked))


def _ready(seen: Seen) -> bool:
    """Have the copy open and what is marked beside it; False when others write faster than we read."""
    for _try in range(TRIES):
        if kept.seen == seen:
            return True
        if kept.manifest is None or kept.manifest.name != seen.name:
            _open(seen.name)
        with TemporaryDirectory() as place:
            _take(Path(place) / "marked.csv")
        again = _see()
        if again == seen:
            kept.seen = seen
        elif again is None:
            return False
        else:
            seen, kept.seen = again, None
    return False


def _open(name: str) -> None:
    manifest = files.opened(name)
    if kept.engine is None:
        kept.engine = engine.connect()
    before = kept.manifest.parts if kept.manifest else ()
    kept.seen, kept.marks, kept.manifest = None, {}, None
    _forget_views()
    files.attach(kept.engine, manifest.parts, {part.file for part in before})
    files.detach(kept.engine, set(before) - set(manifest.parts))
    kept.manifest, kept.words = manifest, {each: list(words) for each, words in manifest.words.items()}


def _take(path: Path) -> None:
    """Put what is marked beside the copy; where it is there already, only what was marked since."""
    known, kept.seen = kept.marks, None
    rows = Ahead.objects.values_list("pk", "stamp", "party", "entity", "record")
    marks: dict[tuple[int, int], wide.Mark] = {(pk, stamp): (pk, *whose) for pk, stamp, *whose in rows}
    more = bool(known) and known.keys() <= marks.keys()
    fresh = [mark for key, mark in marks.items() if not (more and key in known)]
    kept.marks = {}  # until the tables are whole
    _forget_views()
    if marks:
        wide.of_marks(path, [mark[0] for mark in fresh])
        wide.load(kept.engine, [f"fresh_{name}" for name in wide.TABLES], path, kept.words)
        wide.leave_out(kept.engine, fresh, kept.words["entity"])
        for name in wide.TABLES:
            before = [wide.unmarked(f"SELECT * FROM marked_{name}")] if more else []
            both = " UNION ALL BY NAME ".join([*before, f"SELECT * FROM fresh_{name}"])
            kept.engine.execute(f"CREATE OR REPLACE TABLE marked_{name} AS {wide.typed(both, _old_words())}")
        wide.leave_out(kept.engine, list(marks.values()), kept.words["entity"])
    kept.marks = marks


def _old_words() -> dict[str, list[str]]:
    """The words of the columns in which the copy lacks none: what is marked has the same numbers for them."""
    assert kept.manifest is not None
    return {name: words for name, words in kept.manifest.words.items() if len(words) == len(kept.words[name])}


def _forget_views() -> None:
    kept.engine.execute("SET search_path = 'main'")
    for name in kept.views:
        kept.engine.execute(f"DROP SCHEMA {name} CASCADE")
    kept.views.clear()


def _look(first: int, last: int) -> None:
    """Let the tables of a text be what there is of some years: reading fewer, DuckDB knows closer what it will find."""
    assert kept.manifest is not None
    held = [part.year for part in kept.manifest.parts]
    years = [year for year in held if first <= year <= last] or held[:1]
    name = "_".join(["years", *map(str, years)]) if len(years) < len(held) else "years"
    if name not in kept.views:
        kept.engine.execute(f"CREATE SCHEMA {name}")
        kept.views.add(name)
        for table in wide.TABLES:
            source = kept.manifest.source(table, years)
            parts = [wide.unmarked(source), f"SELECT * FROM main.marked_{table}"] if kept.marks else [source]
            kept.engine.execute(f"CREATE VIEW {name}.{table} AS {' UNION ALL BY NAME '.join(filter(None, parts))}")
    kept.engine.execute(f"SET search_path = '{name}'")
