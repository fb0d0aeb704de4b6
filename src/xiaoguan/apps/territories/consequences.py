"""What saved customers, territories and names mean for who lies where, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.territories import placing, queries
from xiaoguan.apps.territories.applying import ACTION
from xiaoguan.apps.territories.models import Naming, Recut, Territory
from xiaoguan.apps.territories.models.recut import State
from xiaoguan.kit import job
from xiaoguan.kit.consequence import consequence

WATCHED = {"region", "industry", "kind_id", "deleted_at"}
RULES = {"codes", "industries", "kinds", "position", "deleted_at"}
CHUNK = 1000


@consequence(Customer)
def follow_customers(_work: Any, rows: Sequence[Customer], fresh: bool) -> None:
    """A customer that is new, or of another region, industry or kind, is placed anew."""
    touched = [row.pk for row in rows if fresh or WATCHED & set(row.changed_fields())]
    if touched and queries.territories():
        for at in range(0, len(touched), CHUNK):
            placing.place(touched[at : at + CHUNK])


@consequence(Territory)
def follow_rules(work: Any, rows: Sequence[Territory], fresh: bool) -> None:
    """Changed rules place everybody anew: at once while there are few, else by a job. A new cut does it itself."""
    if work.change.action == ACTION:
        return
    if any(row.says for row in rows) if fresh else any(RULES & set(row.changed_fields()) for row in rows):
        if placing.is_small():
            placing.place_all()
        else:
            job.enqueue("territories.place", key="place", again=True)


@consequence(Naming)
def follow_names(_work: Any, rows: Sequence[Naming], fresh: bool) -> None:
    """What is named is placed anew."""
    placing.place(row.customer_id for row in rows)


@consequence(Recut)
def drop_what_is_undone(work: Any, rows: Sequence[Recut], fresh: bool) -> None:
    """A cut that was in force and is taken back doesn't wait for its day again: that day has passed."""
    if work.reverting and not fresh:
        back = [row.pk for row in rows if row.state == State.PLANNED and "state" in row.changed_fields()]
        Recut.objects.filter(pk__in=back).update(state=State.DROPPED)
