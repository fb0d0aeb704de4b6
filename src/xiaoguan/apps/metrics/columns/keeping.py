"""Making the next copy from the last: what is marked is read from the database, the rest stays as it is.

One job writes; a copy that was overtaken by another is thrown away. Marks are read before rows, and exactly these
are taken away, so what is committed meanwhile is in the copy and stays marked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics import rollups
from xiaoguan.apps.metrics.columns import engine, files, wide
from xiaoguan.apps.metrics.models.copy import Ahead, Copied
from xiaoguan.apps.operation import clearing
from xiaoguan.kit import clock, feed, job, schedule
from xiaoguan.kit.derived import derived
from xiaoguan.kit.models.credit import Credit

logger = logging.getLogger("xiaoguan.columns")

WORTH = 500_000
"""From so many credits on a copy is made."""
KIND = "metrics.columns"
MOST = 50_000
"""With more marks than this everything is read anew."""
REST = 20
"""A copy rests so many times as long as making it took: never more than a twentieth of a core."""
MEMORY = "1GB"
FRESH = ("fresh", "fresh_parts")
PAIRS = tuple(zip(wide.TABLES, FRESH, strict=True))
"""Each table of the copy, and what of it was read from the database."""
Beat = Callable[[], None]


@dataclass(frozen=True)
class Made:
    """A copy that is written but doesn't hold yet."""

    manifest: files.Manifest
    before: Copied
    marks: Sequence[wide.Mark]
    at: datetime


def is_worth() -> bool:
    """Whether there are so many credits that a copy pays."""
    return Credit.objects.order_by("pk")[WORTH : WORTH + 1].exists()


def current() -> Copied:
    """The row that says which copy holds."""
    found, _made = Copied.objects.get_or_create(pk=1)
    return found


def make(beat: Beat = lambda: None) -> Made | None:
    """Write the next copy; None when the one that holds lacks nothing."""
    row, at = current(), clock.machine_now()
    marks: list[wide.Mark] = list(Ahead.objects.order_by("pk").values_list("pk", "party", "entity", "record"))
    last = _last(row.name)
    if last is not None and not marks:
        return None
    connected = engine.connect(MEMORY)
    try:
        with files.workplace() as place:
            whole = last is None or len(marks) > MOST or any(not _names(mark) for mark in marks)
            if last is None or whole:
                manifest = _all(connected, place, beat)
            else:
                files.attach(connected, last.parts)
                manifest = _next(connected, place, last, marks, beat)
    finally:
        connected.close()
    return Made(manifest, row, marks, at)


def _names(mark: wide.Mark) -> bool:
    return mark[1] is not None or bool(mark[2])


def _last(name: str) -> files.Manifest | None:
    """The copy that holds, if it is whole."""
    if not name:
        return None
    connected = engine.connect(MEMORY)
    try:
        found = files.opened(name)
        files.check(connected, found, engine.failures())
    except files.Damaged as error:
        logger.warning("the columnar copy is damaged (%s): it is made anew", error)
        return None
    finally:
        connected.close()
    return found


def _all(connected: Any, place: Path, beat: Beat) -> files.Manifest:
    """Everything anew, year by year."""
    span = Credit.objects.aggregate(first=Min("on"), last=Max("on"))
    words: wide.Words = {}
    parts, known = [], {}
    for year in range(span["first"].year, span["last"].year + 1) if span["first"] else ():
        wide.of_days(place / "year.csv", date(year, 1, 1), date(year, 12, 31))
        beat()
        wide.load(connected, FRESH, place / "year.csv", words)
        part = files.write(connected, year, words, {name: f"SELECT * FROM {fresh}" for name, fresh in PAIRS})
        if part:
            parts.append(part)
            known[part.file] = _count(words)
        beat()
    short = [part for part in parts if known[part.file] != _count(words)]
    files.attach(connected, short)
    for part in short:  # of years before a word was met
        alike = files.Manifest("", words, (part,))
        again = files.write(connected, part.year, words, {name: alike.source(name) for name in wide.TABLES})
        assert again is not None
        parts[parts.index(part)] = again
        beat()
    return files.publish(words, parts)


def _count(words: wide.Words) -> list[int]:
    """How many words of each column are known; only what joins them makes it another."""
    return [len(words[name]) for name in wide.TOLD]


def _next(connected: Any, place: Path, last: files.Manifest, marks: Sequence[wide.Mark], beat: Beat) -> files.Manifest:
    """The years in which something is marked, without what they held of it and with what there is of it now.

    Every year where a word has joined, since the years tell words apart by the same numbers.
    """
    words = {name: list(known) for name, known in last.words.items()}
    wide.of_marks(place / "marked.csv", [mark[0] for mark in marks])
    wide.load(connected, FRESH, place / "marked.csv", words)
    wide.leave_out(connected, marks, words["entity"])
    fresh = {year for (year,) in connected.execute(f"SELECT DISTINCT year(day) FROM {FRESH[0]}").fetchall()}
    known, joined = {part.year: part for part in last.parts}, _count(words) != _count(last.words)
    parts = []
    for year in sorted(fresh | known.keys()):
        beat()
        if not (joined or year in fresh or _lacks(connected, last, known[year])):
            parts.append(known[year])
            continue
        sources = {
            name: " UNION ALL BY NAME ".join(filter(None, [
                wide.unmarked(last.source(name, [year])), f"SELECT * FROM {table} WHERE year(day) = {year}",
            ]))
            for name, table in PAIRS
        }  # fmt: skip
        parts.append(files.write(connected, year, words, sources))
    return files.publish(words, [part for part in parts if part])


def _lacks(connected: Any, last: files.Manifest, part: files.Part) -> bool:
    """Whether some row of a year that the copy holds is about what is marked."""
    rest = wide.unmarked(last.source(wide.TABLES[0], [part.year]))
    (left,) = connected.execute(f"SELECT COUNT(*) FROM ({rest})").fetchone()
    return bool(left != part.rows)


def publish(made: Made) -> bool:
    """Let a copy hold, inside the caller's transaction; False when another one has come to hold meanwhile."""
    took = (clock.machine_now() - made.at) // timedelta(milliseconds=1)
    row = Copied.objects.filter(pk=1, name=made.before.name, at=made.before.at)
    if not row.update(name=made.manifest.name, at=made.at, took=took):
        return False
    ids = [mark[0] for mark in made.marks]
    for at in range(0, len(ids), 900):
        Ahead.objects.filter(pk__in=ids[at : at + 900]).delete()
    if not made.before.name:
        feed.stir(rollups.NAME)
    return True


@job.job(KIND, label=_("Copy figures for quick answers"), slow=True, lease=1800)
def keep(run: job.Run) -> dict[str, int]:
    """Make the next copy where it is worth it, and remove those that nobody reads any more."""
    row = current()
    if not (engine.is_on() and is_worth()):
        with run.chunk():
            forget()
        files.tidy(())
        return {"credits": 0}
    if row.name and clock.machine_now() - row.at < timedelta(milliseconds=row.took * REST):
        return {"credits": 0}
    made = make(run.beat)
    if made is None:
        return {"credits": 0}
    with run.chunk(done=1):
        holds = publish(made)
    files.tidy([current().name, made.before.name if holds else ""])
    return {"credits": made.manifest.rows}


schedule.every("*/5 * * * *", KIND, label=_("Copy figures for quick answers"))


def forget() -> None:
    """Let no copy hold, one under way neither, and forget the marks."""
    Copied.objects.update(name="", at=clock.machine_now())
    marks = list(Ahead.objects.values_list("pk", flat=True))
    for at in range(0, len(marks), 900):
        Ahead.objects.filter(pk__in=marks[at : at + 900]).delete()


def forget_for_good() -> None:
    """Let no copy hold; whatever came with the demonstration is in none."""
    with transaction.atomic():
        forget()


clearing.also.append(forget_for_good)


@derived(KIND, _("Columnar copy of figures"))
def rebuild() -> str:
    """Make the copy anew from nothing."""
    forget_for_good()
    if not (engine.is_on() and is_worth()):
        return "0"
    made = make()
    if made is None:
        return "0"
    with transaction.atomic():
        publish(made)
    files.tidy([current().name])
    return str(made.manifest.rows)
