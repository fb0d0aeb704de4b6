"""The index of all customers' names: in memory for a small company, a mapped file for a large one.

It yields candidates; their names are read as they are now, and customers changed since it was built are candidates
whatever it says, so that an answer is complete at once.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.calc.grams import Grams
from xiaoguan.kit import clock, job, memo, schedule
from xiaoguan.kit.access import everything
from xiaoguan.lexicon import likeness

FEW = 5_000
"""Up to so many customers are indexed in the memory of the process that is asked first."""
CANDIDATES = 20
STALE = 500
"""So many customers changed since the index was built make it be built anew."""
LAG = dt.timedelta(minutes=10)
"""Who was saved this long before the index was begun may have been committed after it."""
WHY = "a company is looked for among all customers; what is shown of it is asked for apart"


@dataclass(frozen=True)
class Index:
    """Grams of names, whose they are, and when their reading began."""

    grams: Grams
    ids: Any
    begun: dt.datetime


def _folder() -> Path:
    return Path(settings.XIAOGUAN_HOME) / "cache"


def build() -> Index:
    """Read all names and index them."""
    begun = clock.now()
    rows = list(everything(Customer, because=WHY).order_by("pk").values_list("pk", "name"))
    names = likeness.prepare([name for _pk, name in rows])
    return Index(likeness.index(names), np.array([pk for pk, _name in rows], np.int64), begun)


def write(index: Index) -> None:
    """Store an index as a file beside others; what was there before goes, whoever reads it keeps it open."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"customers-{int(index.begun.timestamp() * 1000)}"
    draft = folder / f".{stem}.{os.getpid()}.npy"
    np.save(draft, index.ids)
    draft.replace(folder / f"{stem}.npy")
    index.grams.save(folder / f"{stem}.grams")
    for old in folder.glob("customers-*"):
        if old.stem != stem:
            old.unlink(missing_ok=True)


def _mapped() -> Index | None:
    """The newest file, or nothing."""
    files = sorted(_folder().glob("customers-*.grams"))
    while files:
        path = files.pop()
        try:
            begun = dt.datetime.fromtimestamp(int(path.stem.partition("-")[2]) / 1000, dt.UTC)
            token = path.stem
            return memo.remember(  # type: ignore[no-any-return]
                ("customers.names", "file"),
                token,
                lambda path=path, begun=begun: Index(  # type: ignore[misc]
                    Grams.load(path), np.load(path.with_suffix(".npy"), mmap_mode="r"), begun
                ),
            )
        except (OSError, ValueError):
            continue
    return None


def current() -> Index | None:
    """The index to ask; None where there are many customers and none has been written yet."""
    if everything(Customer, because=WHY).order_by()[: FEW + 1].count() <= FEW:
        return memo.remember(("customers.names", "memory"), "", build)  # type: ignore[no-any-return]
    return _mapped()


def candidates(name: str) -> set[int]:
    """Ids of customers whose names may mean the same company; some are deleted since."""
    index = current()
    query = likeness.prepare([name])
    found: set[int] = set()
    if index is not None and index.grams.size:
        items, _alike = index.grams.top(query.of(0), CANDIDATES)
        found.update(index.ids[items].tolist())
    found.update(_since(index))
    return found


def candidates_of(queries: likeness.Names, most: int) -> list[set[int]]:
    """The same for many prepared names at once: of each the `most` likest by grams, and as many changed since."""
    index = current()
    since = _since(index)
    rows = everything(Customer, because=WHY).filter(pk__in=since).values_list("pk", "name")
    fresh_ids, fresh_names = [pk for pk, _name in rows], [name for _pk, name in rows]
    sources = [(likeness.index(likeness.prepare(fresh_names)), np.array(fresh_ids, np.int64))] if fresh_ids else []
    if index is not None and index.grams.size:
        sources.append((index.grams, index.ids))
    found: list[set[int]] = []
    for at in range(len(queries)):
        ids: set[int] = set()
        for grams, known in sources:
            items, _alike = grams.top(queries.of(at), most)
            ids.update(known[items].tolist())
        found.append(ids)
    return found


def weights() -> Grams:
    """The index by which rarity is judged; an empty one before any was built."""
    index = current()
    return (
        index.grams
        if index is not None
        else memo.remember(("customers.names", "none"), "", lambda: likeness.index(likeness.prepare([])))
    )  # type: ignore[no-any-return]


def _since(index: Index | None) -> list[int]:
    """Customers saved since the index was begun, the newest first; many of them, or no index, ask for a new one."""
    rows = everything(Customer, because=WHY).order_by("-updated_at")
    if index is not None:
        rows = rows.filter(updated_at__gte=index.begun - LAG)
    ids = list(rows.values_list("pk", flat=True)[: 4 * STALE])
    if len(ids) > STALE or index is None:
        memo.drop(("customers.names", "memory"))
        if everything(Customer, because=WHY).order_by()[: FEW + 1].count() > FEW:
            job.enqueue("customers.names", key="names")
    return ids


@job.job("customers.names", label=_("Index the names of customers"), lease=600, slow=True)
def rebuild(_run: job.Run) -> dict[str, int] | None:
    """Write the file anew where there are many customers and something changed."""
    if everything(Customer, because=WHY).order_by()[: FEW + 1].count() <= FEW:
        return None
    index = _mapped()
    if index is not None and not everything(Customer, because=WHY).filter(updated_at__gte=index.begun - LAG).exists():
        return None
    made = build()
    write(made)
    return {"customers": len(made.ids)}


schedule.every("20 * * * *", "customers.names", label=_("Index the names of customers"))
