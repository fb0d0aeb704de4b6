"""`tell`: say something to people, inside the transaction in which it happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import F

from xiaoguan.apps.notices import channels, timing
from xiaoguan.apps.notices.aloud import tell_groups
from xiaoguan.apps.notices.kinds import Kind, kinds
from xiaoguan.apps.notices.models import Notice, Wish
from xiaoguan.apps.notices.models.message import Channel
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.policy import OrgPolicy
from xiaoguan.kit import access, clock, job
from xiaoguan.kit.entity import Entity

BATCH = 500
TITLE = 200
TEXT = 2000


def tell(
    kind: str,
    people: Iterable[Any],
    *,
    actor: Any = None,
    row: models.Model | None = None,
    text: str = "",
    url: str = "",
    group: str = "",
    count: int = 1,
) -> list[Notice]:
    """Tell each of these people (rows or ids) once; see `tell_each`."""
    rows = [] if row is None else [row]
    ids = {getattr(each, "pk", each) for each in people}
    return tell_each(kind, dict.fromkeys(ids, rows), actor=actor, text=text, url=url, group=group, count=count)


def tell_each(
    kind: str,
    rows: Mapping[int, Sequence[models.Model]],
    *,
    actor: Any = None,
    text: str = "",
    url: str = "",
    group: str = "",
    count: int = 1,
) -> list[Notice]:
    """Tell people, by id, about rows of their own: each is told once, with how many there are.

    The actor is never told, nor is anybody who has left or may not see what it is about. `group` names
    what belongs together: an unread notice of the same group grows instead of a second one (the chunks
    of an import). Delivery by mail and robot is a job's work after the commit. LookupError names a kind
    nobody declared.
    """
    if kind not in kinds:
        raise LookupError(f"the notice {kind} is not declared")
    spoken = kinds[kind]
    wanted = [pk for pk in rows if pk is not None and pk != getattr(actor, "pk", None)]
    people = list(Person.objects.filter(pk__in=wanted, is_active=True, deleted_at__isnull=True)) if wanted else []
    if len(people) > 1 and any(rows[person.pk] for person in people):
        known = OrgPolicy().grants_of(people)
        for person in people:
            if person.pk in known:
                person._kit_grants = known[person.pk]
    heard = [(person, seen) for person in people if (seen := _seen(person, rows[person.pk])) is not None]
    if not heard:
        return []
    wishes = Wish.objects.in_bulk([person.pk for person, _seen in heard])
    now = clock.now()
    made = []
    for person, seen in heard:
        wish = wishes.get(person.pk) or Wish(person=person)
        if told := _notice(spoken, person, wish, seen, now):
            told.actor, told.text, told.url, told.bundle = actor, text[:TEXT], url, group
            told.count = len(seen) if seen else count
            made.append(told)
    fresh = _grow(made, group) if group else made
    Notice.objects.bulk_create(fresh, batch_size=BATCH)
    _wake(fresh, now)
    return made


def tell_aloud(kind: str, rows: Sequence[Any], *, actor: Any = None, text: str = "") -> None:
    """Let the robots of groups say what every member may know; `rows` decide about which team it is."""
    if tell_groups(kinds[kind], rows, actor, text):
        transaction.on_commit(wake)


def _seen(person: Person, rows: Sequence[models.Model]) -> Sequence[models.Model] | None:
    """The rows this person may see; None when he may see none of them, empty when it is about no record."""
    if not rows:
        return rows
    model = type(rows[0])
    if not hasattr(model, "entity"):
        return rows
    if access.grants(person).scope(Entity.of(model).name, "view") == "none":
        return None
    if all(getattr(row, "owner_id", None) == person.pk for row in rows):
        return rows
    if len(rows) == 1:
        return rows if access.may(person, "view", rows[0]) else None
    visible = access.visible(model, person).filter(pk__in=[row.pk for row in rows])
    seen = set(visible.order_by().values_list("pk", flat=True))
    return [row for row in rows if row.pk in seen] or None


def _notice(kind: Kind, person: Person, wish: Wish, rows: Sequence[models.Model], now: dt.datetime) -> Notice | None:
    """The notice of one person, not stored yet; None when he wants it by no channel."""
    ways = channels.reached(wish, kind, person.email)
    if not ways:
        return None
    leaves = timing.due(now, wish.rhythm, wish.quiet_from, wish.quiet_to)
    single = rows[0] if len(rows) == 1 else None
    return Notice(
        person=person,
        kind=kind.code,
        at=now,
        entity=rows[0]._meta.label_lower if rows else "",
        object_id=single.pk if single is not None else None,
        title=str(single)[:TITLE] if single is not None else "",
        shown=Channel.INBOX in ways,
        mail_due=leaves if Channel.MAIL in ways else None,
        robot_due=leaves if Channel.ROBOT in ways else None,
    )


def _grow(made: list[Notice], group: str) -> list[Notice]:
    """Add to unread notices of the same group; returns those that have none to add to."""
    kind = made[0].kind
    people = [each.person_id for each in made]
    known = {
        each.person_id: each
        for each in Notice.objects.filter(kind=kind, bundle=group, read_at=None, person__in=people).order_by("pk")
    }
    for each in made:
        if each.person_id in known:
            Notice.objects.filter(pk=known[each.person_id].pk).update(
                count=F("count") + each.count, at=each.at, text=each.text, object_id=None, title=""
            )
    return [each for each in made if each.person_id not in known]


def _wake(made: Iterable[Notice], now: dt.datetime) -> None:
    """Start the delivery once this is committed, where something leaves at once; a schedule finds the rest."""
    if any(due is not None and due <= now for each in made for due in (each.mail_due, each.robot_due)):
        transaction.on_commit(wake)


wake = partial(job.enqueue, "notices.deliver", key="deliver", again=True)
"""Start the delivery job, or let the running one go round once more."""
