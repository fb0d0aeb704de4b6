"""Moving everything from one person to his successors: a job in chunks, one change that is undone as a whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.activities.models import Task
from xiaoguan.apps.activities.models.task import State
from xiaoguan.apps.customers import actions as customers
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Level, Target, TargetKind
from xiaoguan.apps.handover import sheets
from xiaoguan.apps.handover.allotment import WHY, Rule, allotted, customers_of
from xiaoguan.apps.handover.models import Handover, Progress
from xiaoguan.apps.opportunities import actions as deals
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.projects.models import ACTIVE, Project, Registration
from xiaoguan.calc.share import largest_remainder
from xiaoguan.kit import access, clock, job
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Done, Work
from xiaoguan.kit.errors import Denied, Invalid, Refusal, WayOut
from xiaoguan.kit.models.change import Change

KIND = "handover.move"
CHUNK = 200


def may_start(actor: Any, person: Person) -> bool:
    """Whether somebody may hand over what this person looks after: he leads him, or all of sales."""
    for name, verb in (("handover.handover", "create"), ("customers.customer", "transfer")):
        scope = access.grants(actor).scope(name, verb)
        if scope == "none" or (scope != "all" and not access.policy().reaches(actor, person.pk, None, leading=True)):
            return False
        if scope == "self":
            return False
    return True


def start(person: Person, rule: Rule, *, reason: str, actor: Any, source: str = "page", at_once: bool = False) -> Done:
    """Record the hand-over and start moving, by a job or `at_once`. Raises Denied, Invalid, Refusal."""
    if not may_start(actor, person):
        raise Denied("create", Handover)
    _check(person, rule)
    heirs = {row.pk: row for row in Person.objects.filter(pk__in=rule.people)}
    with transaction.atomic():
        work = Work(actor, "plan_handover", Handover._meta.label_lower, source, undoable=False)
        values = {
            "name": _name(person, [heirs[pk].name for pk in sorted(rule.people)]),
            "reason": reason,
            "day": person.left_on if reason == "leaves" and person.left_on else clock.today(),
            "rule": rule.as_json(),
            "owner": person,
        }
        row: Handover = work.create(Handover, values)
        done = Done(work.finish(), row)
        if at_once:
            _move_at_once(row, actor=actor, source=source)
        else:
            job.enqueue(KIND, {"handover": row.pk}, actor=actor, key=f"handover {row.pk}")
    return done


def _move_at_once(row: Handover, *, actor: Any, source: str) -> None:
    """The same effects as the job's, in the same order and as one change, within the running transaction."""
    rule, person = Rule.of(row.rule), row.owner
    assert person is not None
    known: Change | None = None

    def effect(func: Callable[[Work], None]) -> None:
        nonlocal known
        work = _work(actor, source, known)
        func(work)
        known = work.finish() or known

    while part := _portion(person, rule):
        effect(partial(_customers, part=part))
    effect(lambda work: _rest(work, person, rule))
    effect(lambda work: _targets(work, person, rule))
    effect(lambda work: sheets.build(work, row, rule))


def _work(actor: Any, source: str, known: Change | None) -> Work:
    """The work of one effect; every one adds to the same change."""
    work = Work(actor, "hand_over", Customer._meta.label_lower, source)
    if known is not None:
        work.go_on(known)
    return work


def _name(person: Person, heirs: Sequence[str]) -> str:
    return f"{person.name} → {'、'.join(heirs)}"[:160]


def _check(person: Person, rule: Rule) -> None:
    """A successor is somebody else who is here; one hand-over of a person runs at a time."""
    if not rule.heir:
        raise Invalid({"heir": [_("Choose who gets what nothing else says.")]})
    rows = {row.pk: row for row in Person.objects.filter(pk__in=rule.people)}
    for pk in rule.people:
        heir = rows.get(pk)
        if pk == person.pk:
            raise Invalid({"heir": [_("%(name)s can't hand over to himself.") % {"name": person.name}]})
        if heir is None or not heir.is_active or heir.deleted_at is not None:
            raise Invalid({"heir": [_("A successor must be somebody who is here.")]})
    if everything(Handover, because=WHY).filter(owner=person, status=Progress.RUNNING).exists():
        raise Refusal(
            _("A hand-over is under way"),
            _("What %(name)s looks after is being moved now.") % {"name": person.name},
            code="handover.running",
            rule=_("One hand-over of a person at a time."),
            ways_out=[WayOut(_("Look at the hand-over"), "/handovers/", icon="transfer")],
        )


@job.job(KIND, label=gettext_lazy("Hand over"), lease=300)
def move(run: job.Run) -> dict[str, Any]:
    """Customers with all that belongs to them, then what is left, the targets, and at last the sheets."""
    row = Handover.objects.select_related("owner").get(pk=run.payload["handover"])
    step = dict(run.cursor or {"step": "customers", "change": None})
    rule, person = Rule.of(row.rule), row.owner
    assert person is not None
    if step["step"] == "customers":
        run.expect(run.progress + customers_of(person).count() + 3)
        while part := _portion(person, rule):
            step = _chunk(run, step, "customers", len(part), lambda work, part=part: _customers(work, part))
        step = _chunk(run, step, "rest", 1, None)
    if step["step"] == "rest":
        step = _chunk(run, step, "targets", 1, lambda work: _rest(work, person, rule))
    if step["step"] == "targets":
        step = _chunk(run, step, "sheets", 1, lambda work: _targets(work, person, rule))
    if step["step"] == "sheets":
        _chunk(run, step, "done", 0, lambda work: sheets.build(work, row, rule))
    return {"url": f"/handovers/{row.pk}/"}


def _chunk(run: job.Run, step: dict[str, Any], then: str, done: int, effect: Any) -> dict[str, Any]:
    """One effect with the cursor after it; every chunk adds to the same change."""
    following = {"step": then, "change": step["change"]}
    with run.chunk(done=done) as kept:
        if effect is not None:
            work = _work(run.actor, "job", Change.objects.get(pk=step["change"]) if step["change"] else None)
            effect(work)
            change = work.finish()
            following["change"] = change.pk if change is not None else step["change"]
        kept.cursor = following
    return following


def _portion(person: Person, rule: Rule) -> dict[int, int]:
    """The next customers that are still his, with who gets each."""
    ids = list(customers_of(person).order_by("pk").values_list("pk", flat=True)[:CHUNK])
    if not ids:
        return {}
    every = allotted(person, rule)
    return {pk: every[pk] for pk in ids if pk in every}


def _customers(work: Work, part: dict[int, int]) -> None:
    heirs = {row.pk: row for row in Person.objects.filter(pk__in=set(part.values()))}
    by_heir: dict[int, list[Customer]] = defaultdict(list)
    for row in everything(Customer, because=WHY).filter(pk__in=part):
        by_heir[part[row.pk]].append(row)
    for pk, rows in by_heir.items():
        customers.transfer.func(work, rows, to=heirs[pk], together=True)


def _rest(work: Work, person: Person, rule: Rule) -> None:
    """What hangs on no customer of his: deals with others' customers, own tasks, projects and registrations."""
    heir = Person.objects.get(pk=rule.heir)
    open_deals = list(everything(Deal, because=WHY).filter(owner=person, status=Status.OPEN))
    if open_deals:
        deals.transfer.func(work, open_deals, to=heir)
    for model, where in (
        (Task, {"state": State.OPEN}),
        (Project, {}),
        (Registration, {"status__in": ACTIVE}),
    ):
        rows: list[Any] = list(everything(model, because=WHY).filter(owner=person, **where))
        for row in rows:
            row.owner = heir
        if rows:
            work.save(*rows)


def _targets(work: Work, person: Person, rule: Rule) -> None:
    """The coming months of his targets go to successors of the same team, in proportion to what they got.

    A locked target stays, and so does one nobody of the team takes over: the sum of the team is what it was.
    """
    if not rule.targets:
        return
    weights = Counter(_moved(work, person, rule))
    mates = Person.objects.filter(pk__in=weights, unit=person.unit_id, is_active=True) if person.unit_id else []
    heirs = [row for row in mates if weights[row.pk]]
    if not heirs:
        return
    first = clock.today().replace(day=1)
    rows = everything(Target, because=WHY).filter(
        level=Level.PERSON, person=person, kind=TargetKind.MONTH, start__gt=first, locked=False
    )
    for row in rows.order_by("pk"):
        if row.value:
            _split(work, row, heirs, [weights[heir.pk] for heir in heirs])


def _moved(work: Work, person: Person, rule: Rule) -> dict[int, int]:
    """How many customers each successor got in this change."""
    if work.change.pk is None:
        return {rule.heir: 1}
    ids = sheets.customers_in(work.change)
    counted = Counter(Customer.objects.filter(pk__in=ids).values_list("owner", flat=True))
    return {pk: n for pk, n in counted.items() if pk in rule.people} or {rule.heir: 1}


def _split(work: Work, row: Target, heirs: Sequence[Person], weights: Sequence[int]) -> None:
    parts = largest_remainder(row.value or 0, weights)
    held = {
        target.person_id: target
        for target in everything(Target, because=WHY).filter(
            level=Level.PERSON, person__in=heirs, kind=TargetKind.MONTH, start=row.start, metric=row.metric
        )
    }
    for heir, part in zip(heirs, parts, strict=True):
        target = held.get(heir.pk)
        if target is None:
            work.create(Target, {"metric": row.metric, "level": Level.PERSON, "person": heir,
                                 "kind": TargetKind.MONTH, "start": row.start, row.field: part})  # fmt: skip
        else:
            setattr(target, row.field, (target.value or 0) + part)
            work.save(target)
    work.remove(row)
