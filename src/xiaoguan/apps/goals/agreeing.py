"""Agreeing on targets: a person proposes his months, his manager confirms or counters, each round is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.apps.goals.actions import Cell, may_set, write_cells
from xiaoguan.apps.goals.models import Level, Round, Step, Target, TargetKind
from xiaoguan.apps.goals.queries import calendar, person_key, targets, team_key
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics import wording
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.notices.kinds import TEAM, declare
from xiaoguan.apps.notices.telling import tell
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import manager_of
from xiaoguan.calc.aim import assigned
from xiaoguan.calc.errors import ShareError
from xiaoguan.calc.period import Period
from xiaoguan.calc.share import split_locked
from xiaoguan.kit import access
from xiaoguan.kit.action import Done, Work, working
from xiaoguan.kit.errors import Denied, Invalid, Refusal, WayOut

Months = Sequence[int | None]
SHOWN = 3
"""So many months a refusal names."""
WHY = "both sides see every round of what they agree on"

declare(
    "target_proposed",
    gettext_lazy("Somebody proposes targets to me"),
    icon="target",
    group=TEAM,
    one=gettext_lazy("%(actor)s proposes targets: %(text)s"),
    mail=True,
)
declare(
    "target_countered",
    gettext_lazy("My proposal is countered"),
    icon="target",
    group=TEAM,
    one=gettext_lazy("%(actor)s answers your proposal otherwise: %(text)s"),
    mail=True,
)
declare(
    "target_agreed",
    gettext_lazy("Targets are agreed"),
    icon="target",
    group=TEAM,
    one=gettext_lazy("%(actor)s agrees to the targets: %(text)s"),
    mail=True,
)


def rounds(person: Person, metric: Metric, year: Period) -> list[Round]:
    """What was said about a person's year, the newest first."""
    return list(of_person(person, metric, year).select_related("by").order_by("-number"))


def of_person(person: Person, metric: Metric, year: Period) -> QuerySet[Round]:
    """The rounds about a person's year, for who may know of them."""
    return access.everything(Round, because=WHY).filter(person=person, metric=metric.code, start=year.start)


def waiting(actor: Any) -> QuerySet[Round]:
    """The proposals that wait for this manager: of the people whose targets he may set, except his own."""
    scope = access.grants(actor).scope(Target.entity.name, "change")
    rows = access.everything(Round, because=WHY).filter(latest=True, step=Step.PROPOSED)
    if scope == "all":
        return rows.exclude(person=actor)
    if scope != "team":
        return rows.none()
    return rows.filter(person__in=actor.reach_ids()).exclude(person=actor)


def mine(actor: Any) -> QuerySet[Round]:
    """The answers that wait for this person."""
    return access.everything(Round, because=WHY).filter(latest=True, step=Step.COUNTERED, person=actor)


def turns(actor: Any) -> QuerySet[Round]:
    """Everything it is this person's turn to answer, of either side, in one query."""
    theirs = waiting(actor).filter(person__in=actor.reach_ids())  # who may set everybody's still answers his own people
    return access.everything(Round, because=WHY).filter(
        Q(pk__in=theirs.values("pk")) | Q(latest=True, step=Step.COUNTERED, person=actor)
    )


def propose(metric: Metric, year: Period, months: Months, reason: str, *, actor: Any, source: str = "page") -> Done:
    """A person says what he will reach; before or after anything was set for him. Raises Invalid."""
    _complete(metric, months)
    with working(Target, "propose", actor=actor, verb="view", source=source) as work:
        row = _say(work, actor, metric, year, Step.PROPOSED, months, reason)
        boss = manager_of(actor)
        if boss is not None:
            tell(
                "target_proposed", [boss], actor=actor, text=_about(actor, metric, year), url=url(row), group=_key(row)
            )
    return Done(work.change, row)


def counter(
    person: Person, metric: Metric, year: Period, months: Months, reason: str, *, actor: Any, source: str = "page"
) -> Done:
    """The manager answers with other months, and says why. Raises Denied, Invalid, Refusal."""
    _leads(actor, person)
    _complete(metric, months)
    if not reason.strip():
        raise Invalid({"reason": [_("Say why: a counter-proposal without a reason is an order.")]})
    last = _last(person, metric, year, Step.PROPOSED)
    if list(months) == last.months:
        raise Invalid({"": [_("These are the proposed numbers: confirm them, or change one.")]})
    with working(Target, "counter", actor=actor, source=source) as work:
        row = _say(work, person, metric, year, Step.COUNTERED, months, reason)
        tell("target_countered", [person], actor=actor, text=reason.strip(), url=url(row), group=_key(row))
    return Done(work.change, row)


def confirm(
    person: Person,
    metric: Metric,
    year: Period,
    reason: str = "",
    *,
    actor: Any,
    share_out: bool = False,
    source: str = "page",
) -> Done:
    """The manager takes the proposal: its months are set and locked.

    With `share_out` what the team then misses, or has too much, goes to the others whose months are not locked, in the
    proportions they have. Raises Denied, Refusal, Invalid.
    """
    _leads(actor, person)
    last = _last(person, metric, year, Step.PROPOSED)
    with working(Target, "confirm", actor=actor, source=source) as work:
        _refuse_overriding(person, metric, year, last, mine=False)
        row = _settle(work, person, metric, year, last.months, reason)
        if share_out:
            _share_out(work, person, metric, year, last.months)
        tell("target_agreed", [person], actor=actor, text=_about(person, metric, year), url=url(row), group=_key(row))
    return Done(work.change, row)


def accept(metric: Metric, year: Period, *, actor: Any, source: str = "page") -> Done:
    """The person takes his manager's answer: its months are set and locked. Raises Refusal when there is none."""
    last = _last(actor, metric, year, Step.COUNTERED)
    with working(Target, "accept", actor=actor, verb="view", source=source) as work:
        _refuse_overriding(actor, metric, year, last, mine=True)
        row = _settle(work, actor, metric, year, last.months, "")
        tell(
            "target_agreed", [last.by_id], actor=actor, text=_about(actor, metric, year), url=url(row), group=_key(row)
        )
    return Done(work.change, row)


def url(row: Round) -> str:
    """The page on which both sides find a person's year."""
    year = calendar().year(row.start)
    return f"{reverse('goals:line')}?subject={person_key(row.person_id)}&metric={row.metric}&year={year.code}"


def _about(person: Person, metric: Metric, year: Period) -> str:
    return f"{person.name} · {metric.label} · {year.code}"


def _key(row: Round) -> str:
    return f"round:{row.person_id}:{row.metric}:{row.start.isoformat()}"


def _leads(actor: Any, person: Person) -> None:
    if not may_set(actor, Subject(Level.PERSON.value, person.pk)):
        raise Denied("change", Target)


def _complete(metric: Metric, months: Months) -> None:
    """Twelve months, at least one of them said; 0 is an answer, nothing is none."""
    if len(months) != 12 or all(value is None for value in months):
        raise Invalid({"": [_("Type at least one month. 0 is an answer, an empty cell is none.")]})
    if any(value is not None and value < 0 for value in months):
        raise Invalid({"": [_("A target can't be negative.")]})


def _last(person: Person, metric: Metric, year: Period, step: Step) -> Round:
    """The newest round, if it is the turn of whoever asks."""
    found = next(iter(rounds(person, metric, year)), None)
    if found is None or found.step != step:
        raise Refusal(
            _("There is nothing to answer now"),
            _("It is the turn of the other side, or nobody has proposed anything for this year."),
            code="goals.turn",
            rule=_("Proposals and answers alternate."),
        )
    return found


def _refuse_overriding(person: Person, metric: Metric, year: Period, last: Round, *, mine: bool) -> None:
    """Refuse months that somebody has locked at another number since this was said."""
    rows = access.everything(Target, because=WHY).filter(
        metric=metric.code, subject=person_key(person.pk), kind=TargetKind.MONTH, locked=True, updated_at__gt=last.at,
        start__range=(year.start, year.end),
    )  # fmt: skip
    held = {row.start: row.value or 0 for row in rows}
    pairs = zip(year.split("month"), last.months, strict=True)
    differing = [(month, said, held[month.start]) for month, said in pairs if said is not None and month.start in held]
    differing = [each for each in differing if each[1] != each[2]]
    if not differing:
        return
    told = [
        _("%(month)s: %(said)s was said, %(held)s is locked (%(gap)s)")
        % {
            "month": month.code,
            "said": wording.told(metric, said),
            "held": wording.told(metric, locked),
            "gap": wording.told(metric, locked - said),
        }
        for month, said, locked in differing
    ]
    if (more := len(told) - SHOWN) > 0:
        told[SHOWN:] = [ngettext("and %(n)s month more", "and %(n)s months more", more) % {"n": more}]
    cause = _("; ").join(told)
    line = url(last)
    grid = f"{reverse('goals:grid')}?metric={metric.code}&year={year.code}"
    ways = [WayOut(_("Propose other numbers"), line, icon="message-2")] if mine else [
        WayOut(_("Answer with other numbers"), line, icon="message-2"),
        WayOut(_("Unlock these months in the grid"), grid, icon="lock-open"),
    ]  # fmt: skip
    raise Refusal(
        _("Some of these months were locked meanwhile"),
        cause,
        code="goals.locked_meanwhile",
        rule=_("What is locked after a proposal stays; agreeing doesn't override it."),
        ways_out=ways,
    )


def _say(work: Work, person: Person, metric: Metric, year: Period, step: Step, months: Months, reason: str) -> Round:
    """One more round; the one before it is the latest no longer."""
    known = rounds(person, metric, year)
    for row in known:
        row.latest = False
    work.save(*known)
    made: Round = work.create(
        Round,
        {
            "person": person,
            "metric": metric.code,
            "start": year.start,
            "number": max((row.number for row in known), default=0) + 1,
            "step": step,
            "by": work.actor,
            "at": work.now,
            "reason": reason.strip()[:300],
            "months": list(months),
        },
    )
    return made


def _settle(work: Work, person: Person, metric: Metric, year: Period, months: Months, reason: str) -> Round:
    """Both sides agree: the months that were said are set, and locked."""
    subject = Subject(Level.PERSON.value, person.pk)
    cells: dict[Cell, int | None] = {
        (subject, month): value for month, value in zip(year.split("month"), months, strict=True) if value is not None
    }
    write_cells(work, metric, cells, lock=True)
    return _say(work, person, metric, year, Step.AGREED, months, reason)


def _share_out(work: Work, person: Person, metric: Metric, year: Period, months: Months) -> None:
    """Month by month the others of the team make what the team's target leaves."""
    if not metric.additive or person.unit_id is None:
        return
    found = targets(metric, year.start, year.end)
    team = team_key(person.unit_id)
    mates = Person.objects.filter(unit=person.unit_id, is_active=True, deleted_at__isnull=True).exclude(pk=person.pk)
    others = [Subject(Level.PERSON.value, pk) for pk in mates.order_by("name").values_list("pk", flat=True)]
    cells: dict[Cell, int | None] = {}
    for month, own in zip(year.split("month"), months, strict=True):
        whole = found.values.get((team, "month", month.start))
        held = [each for each in others if found.values.get((each.key, "month", month.start)) is not None]
        if own is None or whole is None or not held:
            continue
        values = [found.values[each.key, "month", month.start] for each in held]
        locked = {at: values[at] for at, each in enumerate(held) if (each.key, month.start) in found.locked}
        basis = values if any(v for at, v in enumerate(values) if at not in locked) else [1] * len(values)
        try:
            parts = split_locked(assigned(whole, found.overs.get(team, 0)) - own, basis, locked)
        except ShareError as error:
            text = _(
                "What is left of %(month)s can't be shared among the others: their cells are locked, or too little "
                "is left. Confirm without sharing it out, or change the team's target."
            )
            raise Invalid({"": [text % {"month": month.code}]}) from error
        cells |= {(each, month): part for each, part in zip(held, parts, strict=True)}
    if cells:
        write_cells(work, metric, cells)


def of_year(row: Round) -> tuple[Metric, Period]:
    """The metric and fiscal year a round is about. Raises LookupError for a metric that is there no more."""
    return metrics[row.metric], calendar().year(row.start)
