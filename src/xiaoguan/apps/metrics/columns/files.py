"""The copy on disk: one file of DuckDB per year and a manifest that lists them; none is ever changed once written.

Which manifest holds is said by the database (`Copied`), in the transaction that takes the marks away: a reader never
pairs the files of one copy with the marks of another, and a restored backup finds its own copy or none.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from xiaoguan.apps.metrics.columns import wide

FORMAT = 3
"""Grows with every change of the columns: a copy of another format is as good as none."""
STRAY = 3600
"""Seconds after which a file that no manifest lists was left by a job that was killed."""


class Damaged(Exception):
    """A copy isn't there, or not as it was written; the text says what."""


@dataclass(frozen=True)
class Part:
    """The rows of one year: in which file, how many, what they sum to in fen, how many bytes."""

    year: int
    file: str
    rows: int
    amount: int
    size: int

    @property
    def alias(self) -> str:
        """What its file is called in SQL, once it is attached."""
        return f'"{Path(self.file).stem}"'


@dataclass(frozen=True)
class Manifest:
    """One copy: its parts, and the words that stand in it as numbers (`wide.Words`)."""

    name: str
    words: wide.Words
    parts: tuple[Part, ...]
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many credits it holds."""
        return sum(part.rows for part in self.parts)

    @property
    def size(self) -> int:
        """Its bytes on disk."""
        return sum(part.size for part in self.parts)

    def source(self, table: str, years: Collection[int] | None = None) -> str:
        """What DuckDB reads of a table, of all years or some; empty where there is nothing."""
        chosen = [part for part in self.parts if years is None or part.year in years]
        return " UNION ALL ".join(f"SELECT * FROM {part.alias}.{table}" for part in chosen)


def folder() -> Path:
    """Where copies lie; made when it is first asked for."""
    found = Path(settings.XIAOGUAN_HOME) / "columns"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def path(file: str) -> Path:
    """The path of one of the files."""
    return Path(settings.XIAOGUAN_HOME) / "columns" / file


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for what is thrown away at the end."""
    with TemporaryDirectory(prefix="work-", dir=folder()) as found:
        yield Path(found)


def _text(file: Path) -> str:
    quoted = str(file).replace("'", "''")
    return f"'{quoted}'"


def write(engine: Any, year: int, words: wide.Words, sources: Mapping[str, str]) -> Part | None:
    """Write a year: a SELECT for each table of `wide.TABLES`; None where there are no credits."""
    file = f"{year}-{uuid.uuid4().hex}.duckdb"
    made = folder() / f"{file}.tmp"
    engine.execute(f"ATTACH {_text(made)} AS written")
    try:
        for table, rows in sources.items():
            engine.execute(f"CREATE TABLE written.{table} AS {wide.typed(rows, words)} ORDER BY fact, day")
        asked = "SELECT COUNT(*), COALESCE(SUM(amount), 0)::BIGINT FROM written.credits"
        count, amount = engine.execute(asked).fetchone()
    finally:
        engine.execute("DETACH written")
    if not count:
        made.unlink()
        return None
    _settle(made, path(file))
    return Part(year, file, count, amount, path(file).stat().st_size)


def attach(engine: Any, parts: Iterable[Part], known: Collection[str] = ()) -> None:
    """Let DuckDB read some parts, but those whose files are `known` to it; any number of processes may."""
    for part in parts:
        if part.file not in known:
            engine.execute(f"ATTACH {_text(path(part.file))} AS {part.alias} (READ_ONLY)")


def detach(engine: Any, parts: Iterable[Part]) -> None:
    """Let go of some parts."""
    for part in parts:
        engine.execute(f"DETACH {part.alias}")


def publish(words: wide.Words, parts: Sequence[Part]) -> Manifest:
    """Write the manifest of a copy; it holds once the database names it."""
    made = Manifest(uuid.uuid4().hex, words, tuple(sorted(parts, key=lambda part: part.year)))
    temporary = folder() / f"{made.name}.json.tmp"
    temporary.write_text(json.dumps(asdict(made)), encoding="utf-8")
    _settle(temporary, path(f"{made.name}.json"))
    return made


def _settle(temporary: Path, final: Path) -> None:
    """Give a file its name once it is on the disk."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(final)


def opened(name: str) -> Manifest:
    """The copy of a name; raises Damaged when a file is missing or has another size."""
    try:
        found = json.loads(path(f"{name}.json").read_text(encoding="utf-8"))
        made = Manifest(found["name"], found["words"], tuple(Part(**part) for part in found["parts"]))
        if found["format"] != FORMAT:
            raise Damaged(f"{name}.json")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{name}.json") from error
    for part in made.parts:
        if not path(part.file).is_file() or path(part.file).stat().st_size != part.size:
            raise Damaged(part.file)
    return made


def check(engine: Any, made: Manifest, failures: tuple[type[Exception], ...]) -> None:
    """Read every value of every part, and leave them attached; raises Damaged where it isn't what was written."""
    for part in made.parts:
        try:
            attach(engine, [part])
            for table in reversed(wide.TABLES):
                asked = f"SELECT COUNT(*), SUM(amount)::BIGINT, SUM(hash(COLUMNS(*))) FROM {part.alias}.{table}"
                count, amount, *_rest = engine.execute(asked).fetchone()
        except failures as error:
            raise Damaged(part.file) from error
        if (count, amount) != (part.rows, part.amount):
            raise Damaged(part.file)


def tidy(keep: Collection[str]) -> None:
    """Remove every copy but those of these names, and what a killed job left."""
    place = path("")
    if not place.is_dir():
        return
    held, known = set(), {name: place / f"{name}.json" for name in keep if name}
    for file in known.values():
        if file.is_file():
            held |= {part["file"] for part in json.loads(file.read_text(encoding="utf-8"))["parts"]}
    for file in place.glob("*.json"):
        if file not in known.values():
            for part in json.loads(file.read_text(encoding="utf-8"))["parts"]:
                if part["file"] not in held:
                    _remove(path(part["file"]))
            file.unlink(missing_ok=True)
    late = time.time() - STRAY
    for left in place.glob("work-*"):
        if left.stat().st_mtime < late:
            shutil.rmtree(left, ignore_errors=True)
    for file in [*place.glob("*.duckdb"), *place.glob("*.parquet"), *place.glob("*.tmp*")]:  # once they were Parquet
        if file.name not in held and file.stat().st_mtime < late:
            _remove(file)


def _remove(file: Path) -> None:
    """Remove a file; where a system keeps what somebody still reads, a later time does."""
    with suppress(OSError):
        file.unlink(missing_ok=True)
