"""Sharing one record with a colleague: to read or to edit, until a day; for every entity whose records have owners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, clock, history, panel
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Invalid, Refusal, WayOut
from xiaoguan.kit.models.collaborator import Collaborator, Level

NOTED = "shared_with"
"""The key under which a record's history tells with whom it was shared."""


def of(record: models.Model) -> Any:
    """The collaborators of a record in force today or later."""
    rows = Collaborator.objects.filter(about=record._meta.label_lower, object_id=record.pk, deleted_at__isnull=True)
    return rows.exclude(until__lt=clock.today()).select_related("person").order_by("person__name")


def share(
    work: Work,
    record: Any,
    *,
    person: Annotated[Person, _("With whom")],
    level: Annotated[Level, _("Level")] = Level.READ,
    until: Annotated[dt.date | None, _("Last day")] = None,
) -> Collaborator:
    """Let a colleague see this record and its parts, or edit them too; again with another level it is changed."""
    _check(record, person, level, until)
    rows = Collaborator.objects.filter(about=record._meta.label_lower, object_id=record.pk, person=person)
    held = rows.filter(deleted_at__isnull=True).first()
    before = _told(held) if held is not None and _lasting(held) else None
    if held is None:
        values = {"about": record._meta.label_lower, "object_id": record.pk, "person": person}
        held = work.create(Collaborator, {**values, "level": level, "until": until})
    else:
        held.level, held.until = level, until
        if not work.save(held):
            return held
    work.note(record, {NOTED: before}, {NOTED: _told(held)})
    return held


def unshare(work: Work, record: Any, *, person: Annotated[Person, _("With whom")]) -> Any:
    """Stop sharing this record with a colleague."""
    held = of(record).filter(person=person).first()
    if held is not None:
        before = _told(held)
        work.remove(held)
        work.note(record, {NOTED: before}, {NOTED: None})
    return record


def _check(record: Any, person: Person, level: str, until: dt.date | None) -> None:
    """Refuse what would share nothing: with the owner, with somebody who left, past its day, beyond a role."""
    if not person.is_active:
        raise Invalid({"person": [gettext("%(name)s can't sign in.") % {"name": person}]})
    if person.pk == record.owner_id:
        raise Invalid({"person": [gettext("The record belongs to %(name)s already.") % {"name": person}]})
    if until is not None and until < clock.today():
        raise Invalid({"until": [gettext("This day is over; choose today or later.")]})
    verb = "view" if level == Level.READ else "change"
    if access.grants(person).scope(record.entity.name, verb) == "none":
        named = {"name": person, "records": record.entity.plural}
        raise Refusal(
            gettext("The roles of %(name)s don't reach %(records)s") % named,
            gettext("Sharing opens one record; what somebody may do with it is still for the roles to say."),
            code="role_does_not_reach",
            ways_out=[WayOut(gettext("An administrator gives %(name)s a role that does") % named, icon="shield-lock")],
        )


def _lasting(held: Collaborator) -> bool:
    return held.until is None or held.until >= clock.today()


def _told(held: Collaborator) -> dict[str, Any]:
    """A collaborator as history keeps him."""
    until = held.until.isoformat() if held.until else None
    return {"person": held.person_id, "level": str(held.level), "until": until}


@history.tell("*", NOTED)
def tell(reader: history.Reader, before: Any, after: Any) -> Iterable[history.Difference]:
    """With whom a record was shared, and how far."""
    person = Person.objects.filter(pk=(after or before or {}).get("person")).first()
    if person is not None:
        label = gettext("Shared with %(name)s") % {"name": person.name}
        yield history.Difference(NOTED, label, _words(before), _words(after))


def _words(told: dict[str, Any] | None) -> SafeString:
    if not told:
        return SafeString(gettext("not shared"))
    level = dict(Level.choices).get(told["level"], told["level"])
    if told["until"]:
        return SafeString(gettext("%(level)s until %(day)s") % {"level": level, "day": told["until"]})
    return SafeString(level)


def _count(request: HttpRequest, record: Any) -> int | None:
    return of(record).count()


def _shown(request: HttpRequest, record: Any) -> bool:
    """Whoever may share sees the tab; others see it where they are told by the record that it is shared."""
    return access.may(request.user, "share", record)


def _tab(request: HttpRequest, record: Any) -> SafeString:
    """Who works on this record besides its owner, and the way to share or end it."""
    context = {
        "record": record,
        "entity": record.entity,
        "rows": of(record),
        "may_share": access.may(request.user, "share", record),
        "share_url": record.entity.url("do", record, "share"),
        "unshare_url": record.entity.url("do", record, "unshare"),
    }
    return render_to_string("org/shared.html", context, request)


def register_all() -> None:
    """Give every entity whose records have owners the two verbs and the tab; called when all models are known."""
    verbs: tuple[tuple[Callable[..., Any], Any, str], ...] = (
        (share, _("Share"), "user-plus"),
        (unshare, _("Stop sharing"), "user-off"),
    )
    for entity in list(entities.values()):
        if entity.scope != "owner" or entity.fixed:
            continue
        for func, label, icon in verbs:
            action(
                entity.model, label, verb="share", icon=icon, position=80,
                shown=(lambda row: True) if func is share else (lambda row: False),
            )(func)  # fmt: skip
        panel.panel(entity.model, "shared", _("Shared"), count=_count, position=85, icon="users", shown=_shown)(_tab)
