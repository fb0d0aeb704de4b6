"""What a saved membership, team, stand-in or person means for the closure, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xiaoguan.apps.org import reach
from xiaoguan.apps.org.models import Deputy, Membership, Person, Team
from xiaoguan.apps.org.models.membership import LEADING
from xiaoguan.kit import fact
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.record import Record


def _was_and_is(row: Record, name: str) -> Iterable[int]:
    """The ids a reference had before the save and has now."""
    return {getattr(row, name), row._loaded.get(name) if hasattr(row, "_loaded") else None} - {None}


@consequence(Membership)
def follow_membership(work: Work, rows: Sequence[Membership], fresh: bool) -> None:
    """Members change who sees them, leaders also what they see; what they earned goes to the team of its day."""
    people = {person for row in rows for person in _was_and_is(row, "person_id")}
    leading = {
        person
        for row in rows
        if row.post in LEADING or (not fresh and row._loaded["post"] in LEADING)
        for person in _was_and_is(row, "person_id")
    }
    reach.refresh(people=people, viewers=leading)
    for entity, ids in fact.resettle(people).items():
        work.stir(entity, ids)


@consequence(Team)
def follow_team(work: Work, rows: Sequence[Team], fresh: bool) -> None:
    """A moved team takes its people along; a removed or restored one changes all ways through it."""
    if fresh:
        reach.refresh(teams={row.pk for row in rows})
        return
    changed = [set(row.changed_fields()) for row in rows]
    if any("deleted_at" in names for names in changed):
        reach.rebuild()
        return
    moved = {row.pk for row, names in zip(rows, changed, strict=True) if "parent_id" in names}
    if moved:
        reach.refresh(teams=moved)


@consequence(Deputy)
def follow_deputy(work: Work, rows: Sequence[Deputy], fresh: bool) -> None:
    """A stand-in sees more, or less again."""
    reach.refresh(viewers={person for row in rows for person in _was_and_is(row, "deputy_id")})


@consequence(Person)
def follow_person(work: Work, rows: Sequence[Person], fresh: bool) -> None:
    """New people reach themselves; who leaves, returns, is removed or restored changes both sides."""
    if fresh:
        reach.admit([row.pk for row in rows])
        return
    watched = {"is_active", "left_on", "deleted_at"}
    if touched := {row.pk for row in rows if watched & set(row.changed_fields())}:
        reach.refresh(people=touched, viewers=touched)
