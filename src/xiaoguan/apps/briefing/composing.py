"""The sentences of a briefing: what moved, what stands out, why; computed for one reader, by his rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.briefing.scope import Scope, before
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.goals.queries import COMPANY, calendar
from xiaoguan.apps.insight import outlook
from xiaoguan.apps.insight.asked import CALLS, VISITS
from xiaoguan.apps.insight.outlook import Group, Outlook
from xiaoguan.apps.insight.sentences import verdict
from xiaoguan.apps.insight.telling import off_pace
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import Figures, credits_behind, figures, is_hidden
from xiaoguan.apps.metrics.shipped import NEW_CUSTOMERS, RECEIPTS, WON_AMOUNT, WON_COUNT
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.models import Person
from xiaoguan.calc.explaining import Split, contributions, outlier
from xiaoguan.calc.figure import format_probability
from xiaoguan.calc.money import ratio
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, render

TOLD = (WON_AMOUNT, RECEIPTS, WON_COUNT, NEW_CUSTOMERS, VISITS, CALLS)
NAMED = 3


@dataclass(frozen=True)
class Line:
    """One sentence and where the records behind it are."""

    text: str
    url: str = ""


@dataclass
class Briefing:
    """The sentences of one period, in the order in which they are read."""

    period: Period
    moved: list[Line] = field(default_factory=list)
    out: list[Line] = field(default_factory=list)
    why: list[Line] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """All sentences."""
        return [*self.moved, *self.out, *self.why]


@dataclass(frozen=True)
class _Seen:
    """What a briefing is made of: figures by person of the period and the one before, as far as the reader may see."""

    actor: Any
    scope: Scope
    period: Period
    earlier: Period
    metrics: tuple[Metric, ...]
    now: Figures
    then: Figures

    def by_person(self, found: Figures, metric: Metric) -> dict[int | None, int]:
        """A metric of each person."""
        return {key[0]: value for key in found.rows if (value := found.value(metric, key))}


def compose(actor: Any, scope: Scope, period: Period) -> Briefing:
    """The briefing of one period for one reader, in a fixed number of queries."""
    earlier = before(period)
    metrics = tuple(metric for metric in TOLD if not is_hidden(actor, metric))
    now = figures(metrics, scope.of(period.start, period.end), by=["person"])
    then = figures(metrics, scope.of(earlier.start, earlier.end), by=["person"])
    seen = _Seen(actor, scope, period, earlier, metrics, now, then)
    found = Briefing(period)
    found.moved = [line for metric in metrics if (line := _moved(seen, metric)) is not None]
    found.moved += _against_targets(seen)
    names = {} if scope.alone else _names([*now.rows, *then.rows])
    found.out = [*_largest(seen), *_deviation(seen, names), *_off_pace(seen)]
    if WON_AMOUNT in metrics:
        found.why = [_by_customer(seen)] if scope.alone else [_by_person(seen, names)]
        found.why = [line for line in found.why if line.text]
    return found


def _names(keys: Sequence[tuple[Any, ...]]) -> dict[int, str]:
    ids = {key[0] for key in keys if key[0] is not None}
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))


def _text(metric: Metric, value: int | None, *, signed: bool = False) -> str:
    if metric.unit == "money":
        return render.money_text(value, signed=signed)
    return f"{value or 0:+,}".replace("-", "−") if signed else f"{value or 0:,}"


def _url(seen: _Seen, metric: Metric) -> str:
    return _records(seen.scope, metric, seen.period)


def _records(scope: Scope, metric: Metric, period: Period) -> str:
    """The records behind a figure of whom the briefing is about."""
    where: dict[str, int] = {}
    kind, _colon, pk = scope.subject.partition(":")
    if kind in ("person", "team") and pk:
        where[kind] = int(pk)
    return records_url(metric.code, period.start, period.end, **where)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# What moved ---------------------------------------------------------------------------------------------------------


def _moved(seen: _Seen, metric: Metric) -> Line | None:
    now, then = seen.now.total(metric) or 0, seen.then.total(metric) or 0
    if not now and not then:
        return None
    change = now - then
    share = ratio(abs(change), abs(then)) if then else None
    words = {
        "metric": metric.label,
        "now": _text(metric, now),
        "change": _text(metric, abs(change)),
        "share": f" ({render.percent(share, signed=False)})" if share else "",
        "before": _before(seen.period),
    }
    if not change:
        text = _("%(metric)s: %(now)s, as much as %(before)s") % words
    elif change > 0:
        text = _("%(metric)s: %(now)s, %(change)s%(share)s more than %(before)s") % words
    else:
        text = _("%(metric)s: %(now)s, %(change)s%(share)s less than %(before)s") % words
    return Line(_capital(text), _url(seen, metric))


def _before(period: Period) -> str:
    return {
        "day": _("the working day before"),
        "week": _("the week before"),
        "month": _("the month before"),
    }[str(period.kind)]


# Against targets ----------------------------------------------------------------------------------------------------


def _sees_targets(seen: _Seen) -> bool:
    """Whether the reader may hold figures against the targets of whom the briefing is about."""
    scope = access.grants(seen.actor).scope(Target.entity.name, "view")
    return scope != "none" and (scope == "all" or seen.scope.subject != COMPANY)


def _against_targets(seen: _Seen) -> list[Line]:
    """Money against the target of the very period, and for a day or week also of the running month it lies in."""
    if not _sees_targets(seen):
        return []
    found = []
    for metric in (WON_AMOUNT, RECEIPTS):
        if metric not in seen.metrics:
            continue
        target = outlook.aims(seen.actor, metric, seen.period, [seen.scope.subject]).get(seen.scope.subject)
        running = str(seen.period.kind) == "month" and clock.today() in seen.period
        if target and not running:
            done = seen.now.total(metric) or 0
            words = {
                "metric": metric.label,
                "target": _text(metric, target),
                "done": _text(metric, done),
                "share": render.percent(ratio(done, target), signed=False),
                "rest": _text(metric, abs(target - done)),
            }
            found.append(Line(_capital(_of_target(seen.period, done < target) % words), _url(seen, metric)))
    if (line := _month_so_far(seen)) is not None:
        found.append(line)
    return found


def _of_target(period: Period, short: bool) -> str:
    """The sentence about a target that was missed or reached."""
    kind = str(period.kind)
    if short:
        return {
            "day": _("%(metric)s: %(done)s of the day's target of %(target)s (%(share)s), %(rest)s short"),
            "week": _("%(metric)s: %(done)s of the week's target of %(target)s (%(share)s), %(rest)s short"),
            "month": _("%(metric)s: %(done)s of the month's target of %(target)s (%(share)s), %(rest)s short"),
        }[kind]
    return {
        "day": _("%(metric)s: the day's target of %(target)s is reached (%(share)s)"),
        "week": _("%(metric)s: the week's target of %(target)s is reached (%(share)s)"),
        "month": _("%(metric)s: the month's target of %(target)s is reached (%(share)s)"),
    }[kind]


def _month_so_far(seen: _Seen) -> Line | None:
    """The running month, where the period is a part of it."""
    month = calendar().month(seen.period.end)
    if WON_AMOUNT not in seen.metrics or clock.today() not in month or not outlook.sight(seen.actor).both:
        return None
    one = _outlook(seen, month)
    if not one.target:
        return None
    said = verdict(one)
    words = {
        "done": render.money_text(one.done),
        "target": render.money_text(one.target),
        "share": render.percent(one.attainment, signed=False),
        "verdict": said[:1].lower() + said[1:],
        "chance": format_probability(one.probability),
    }
    text = _("The month so far: %(done)s of %(target)s (%(share)s), %(verdict)s; probability of target %(chance)s")
    return Line(text % words, _records(seen.scope, WON_AMOUNT, month))


def _outlook(seen: _Seen, month: Period) -> Outlook:
    scope = seen.scope
    if scope.alone and scope.people:
        (pk,) = scope.people
        return outlook.of_people(seen.actor, month, [pk])[pk]
    return outlook.of_group(seen.actor, month, Group(scope.subject, scope.people, scope.units))


def _off_pace(seen: _Seen) -> list[Line]:
    """Who of a team or of the company is furthest behind in the running month, by working days."""
    month = calendar().month(seen.period.end)
    if seen.scope.alone or clock.today() not in month or not _sees_targets(seen) or not outlook.sight(seen.actor).both:
        return []
    rows = Person.objects.filter(is_active=True, deleted_at__isnull=True, unit__kind="sales")
    if seen.scope.people is not None:
        rows = rows.filter(pk__in=list(seen.scope.people))
    names = dict(rows.order_by("name").values_list("pk", "name"))
    found = outlook.of_people(seen.actor, month, list(names))
    late = sorted((pk for pk, one in found.items() if off_pace(one)), key=lambda pk: found[pk].ahead)
    lines = []
    for pk in late[:NAMED]:
        words = {
            "name": names[pk],
            "behind": render.money_text(-found[pk].ahead),
            "gap": render.money_text(found[pk].gap),
            "chance": format_probability(found[pk].probability),
        }
        text = _("%(name)s is %(behind)s behind pace this month, %(gap)s to go, probability %(chance)s")
        lines.append(Line(text % words, records_url(WON_AMOUNT.code, month.start, month.end, person=pk)))
    if len(late) > NAMED:
        more = len(late) - NAMED
        lines.append(Line(ngettext("%(n)d more is off pace", "%(n)d more are off pace", more) % {"n": more}))
    return lines


# What stands out ----------------------------------------------------------------------------------------------------


def _largest(seen: _Seen) -> list[Line]:
    """The largest deal won and the largest one lost, of those the reader may open."""
    if not access.may(seen.actor, "view", Deal) or "amount" in access.masked(seen.actor, Deal):
        return []
    found = []
    for status, name, words in (
        (Status.WON, "won_on", _("Largest win: %(deal)s, %(amount)s (%(owner)s)")),
        (Status.LOST, "lost_on", _("Largest loss: %(deal)s, %(amount)s (%(owner)s)%(reason)s")),
    ):
        rows = access.visible(Deal, seen.actor).filter(status=status, amount__gt=0)
        rows = rows.filter(**{f"{name}__range": (seen.period.start, seen.period.end)})
        if seen.scope.people is not None:
            rows = rows.filter(credited__in=seen.scope.people)
        deal = rows.select_related("credited", "loss_reason").order_by("-amount", "pk").first()
        if deal is not None:
            access.covered(seen.actor, deal)
            reason = _(", because of %(reason)s") % {"reason": deal.loss_reason} if deal.loss_reason else ""
            said = {
                "deal": deal,
                "amount": render.money_text(deal.amount),
                "owner": deal.credited or "",
                "reason": reason,
            }
            found.append(Line(words % said, Deal.entity.url("detail", deal)))
    return found


def _deviation(seen: _Seen, names: Mapping[int, str]) -> list[Line]:
    """Whoever is farthest from the middle of his colleagues, if far: see ``calc.explaining.outlier``."""
    for metric in seen.metrics:
        values = {pk: value for pk, value in seen.by_person(seen.now, metric).items() if pk in names}
        found = outlier(values)
        if found is None:
            continue
        pk, distance = found
        words = {"name": names[pk or 0], "metric": metric.label, "value": _text(metric, values[pk])}
        if distance > 0:
            text = _("%(name)s stands out with %(metric)s of %(value)s, far above the others")
        else:
            text = _("%(name)s stands out with %(metric)s of %(value)s, far below the others")
        where = {} if pk is None else {"person": pk}
        return [Line(text % words, records_url(metric.code, seen.period.start, seen.period.end, **where))]
    return []


# Why ----------------------------------------------------------------------------------------------------------------


def _by_person(seen: _Seen, names: Mapping[int, str]) -> Line:
    """Whose won amount made the difference; the parts add up to it."""
    split = contributions(seen.by_person(seen.now, WON_AMOUNT), seen.by_person(seen.then, WON_AMOUNT), NAMED)
    return Line(_told(split, lambda pk: names.get(pk or 0, "—"), seen.period), _url(seen, WON_AMOUNT))


def _by_customer(seen: _Seen) -> Line:
    """Which customers made the difference; those the reader may not open are among the others."""
    sums = []
    for period in (seen.period, seen.earlier):
        rows = credits_behind(WON_AMOUNT, seen.scope.of(period.start, period.end)).order_by()
        sums.append(dict(rows.values_list("party").annotate(total=Sum("amount"))))
    ids = [pk for found in sums for pk in found if pk is not None]
    seen_rows = (
        access.visible(Customer, seen.actor).filter(pk__in=ids) if access.may(seen.actor, "view", Customer) else []
    )
    names = {row.pk: row.called for row in access.covered(seen.actor, *seen_rows)}
    known = [{pk if pk in names else None: 0 for pk in found} for found in sums]
    for kept, found in zip(known, sums, strict=True):
        for pk, total in found.items():
            kept[pk if pk in names else None] += total
    split = contributions(known[0], known[1], NAMED)
    hidden = sum(change for pk, change in split.parts if pk is None)
    named = Split(split.whole, [(pk, change) for pk, change in split.parts if pk is not None], split.others + hidden)
    return Line(_told(named, lambda pk: names[pk or 0], seen.period), _url(seen, WON_AMOUNT))


def _told(split: Split[int | None], name: Any, period: Period) -> str:
    if not split.whole or not split.parts:
        return ""
    parts = [f"{name(pk)} {render.money_text(change, signed=True)}" for pk, change in split.parts]
    if split.others:
        parts.append(_("the others %(amount)s") % {"amount": render.money_text(split.others, signed=True)})
    words = {
        "whole": render.money_text(split.whole, signed=True),
        "before": _before(period),
        "parts": render.listed(parts),
    }
    return _("Won amount against %(before)s %(whole)s: %(parts)s") % words
