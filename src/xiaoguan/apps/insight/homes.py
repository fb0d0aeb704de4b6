"""The contexts of the homes: what a seller, a manager, a director and the office see first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from xiaoguan.apps.goals import pace_bar
from xiaoguan.apps.goals.queries import COMPANY, calendar, person_key, team_key
from xiaoguan.apps.insight import asked, drawings, myday, outlook, sentences, waiting, work
from xiaoguan.apps.insight.outlook import Group, Outlook
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import RECEIPTS, WIN_RATE, WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.apps.org.models import Person, Team, UnitReach
from xiaoguan.apps.org.queries import led_teams, subtree_ids, subtrees, working_calendar
from xiaoguan.calc import pace
from xiaoguan.calc.figure import format_probability
from xiaoguan.calc.period import Period
from xiaoguan.kit import access, clock, gauges, render

SPANS = {
    "month": gettext_lazy("This month"),
    "quarter": gettext_lazy("This quarter"),
    "year": gettext_lazy("This year"),
}


@dataclass(frozen=True)
class Line:
    """One row of a manager's or director's table: a person or a team."""

    name: str
    url: str
    note: str
    outlook: Outlook
    activity: int
    overdue: int
    records: str

    @property
    def bar(self) -> Any:
        """The pace bar at the scale that all rows share."""
        won = pgettext("amount so far", "Won")
        return pace_bar.pace(self.outlook.bar, compact=True, done_word=won) if self.outlook.target else ""

    @property
    def chance(self) -> str:
        """The probability in whole per cent."""
        return format_probability(self.outlook.probability)


def period_of(kind: str) -> Period:
    """The running month, quarter or year."""
    return calendar().of(kind if kind in SPANS else "month", clock.today())


def seller(actor: Person, person: Person) -> dict[str, Any]:
    """A seller's home; for a manager looking over somebody's shoulder `actor` is the manager."""
    today = clock.today()
    month, year = period_of("month"), period_of("year")
    one = outlook.of_people(actor, month, [person.pk])[person.pk]
    desk = work.desk(actor, person)
    closing = work.closing(actor, person, month.end)
    stages = work.pipeline(actor, [person.pk])
    money = figures([RECEIPTS], Slice(month.start, month.end, people=[person.pk])).exact((), RECEIPTS.measure)
    money_target = outlook.aims(actor, RECEIPTS, month, [person_key(person.pk)]).get(person_key(person.pk))
    sight, sight_of_money = outlook.sight(actor), outlook.sight(actor, RECEIPTS)
    return {
        "person": person,
        "month": month,
        "month_name": drawings.month_names()[month.start.month - 1],
        "one": one,
        "sight": sight,
        "sight_of_money": sight_of_money,
        "pace": pace_bar.pace(one.bar, words=True, done_word=pgettext("amount so far", "Won")),
        "verdict": sentences.verdict(one),
        "chance": format_probability(one.probability),
        "records": records_url("won_amount", month.start, month.end, person=person.pk),
        "receipts": money,
        "receipts_target": money_target,
        "receipts_share": pace.attainment(money, money_target),
        "receipts_bar": gauges.bar(money, money_target, _("Receipts of the month's target"))
        if money_target and sight_of_money.figure else "",
        "receipts_url": records_url("receipts", month.start, month.end, person=person.pk),
        "explained": sentences.of_outlook(one),
        "desk": desk,
        "closing": closing,
        "closing_sum": sum(deal.amount or 0 for deal in closing) if work.sees_amounts(actor) else None,
        "steps": work.steps(actor, person),
        "owed": work.owed(actor, person),
        "trend": drawings.trend(
            outlook.trend(actor, year, person_key(person.pk), people=[person.pk]), year, today,
            person=person.pk, landing=one.landing.middle, size="tile-8",
        ) if sight.figure else "",
        "funnel": drawings.funnel(stages, owner=str(person.pk)) if stages else "",
        "today": today,
        "waiting": waiting.lines(actor, person),
        "asked": asked.of_one(person, one) if sight.both else None,
        "day": myday.of(person) if sight.both else None,
        "fiscal_year": year.code,
    }  # fmt: skip


def manager(actor: Person, team: Team, kind: str) -> dict[str, Any]:
    """A team's home: its people, what stands out, what is at risk."""
    period = period_of(kind)
    units = sorted(subtree_ids(team))
    people = _sellers(units)
    ids = [one.pk for one in people]
    group = Group(team_key(team.pk), ids, units)
    each, visits, late = outlook.of_people(actor, period, ids), _visits(ids), work.overdue_by_person(ids)
    tells = kind == "month" and outlook.sight(actor).both
    plans = asked.plans(people, each) if tells else {}
    shares = myday.of_many(ids) if tells and ids else {}
    lines = [
        Line(
            one.name,
            reverse("insight:person", args=[one.pk]),
            "",
            each[one.pk],
            visits.get(one.pk, 0),
            late.get(one.pk, 0),
            records_url("won_amount", period.start, period.end, person=one.pk),
        )
        for one in people
    ]
    return {
        "team": team,
        "heading": _("%(team)s today") % {"team": team.name},
        "who": _("Person"),
        "days": [(one, shares[one.pk], plans.get(one.pk)) for one in people] if shares else [],
        "works": working_calendar().works(clock.today()),
        **_led(actor, period, kind, group, outlook.of_group(actor, period, group), lines, team=team.pk),
    }


def director(actor: Person, kind: str) -> dict[str, Any]:
    """The company's home: teams instead of people, and the leaderboard of everybody."""
    period = period_of(kind)
    teams = [team for team in led_teams(actor) if team.kind == "sales"] or list(
        Team.objects.filter(deleted_at__isnull=True, kind="sales").order_by("position", "pk")
    )
    leaves = _with_sellers(teams)
    below = subtrees(*[team for team, _people in leaves])
    groups = [Group(team_key(team.pk), [one.pk for one in people], below[team.pk]) for team, people in leaves]
    of = outlook.of_groups(actor, period, [Group(COMPANY), *groups])
    lines = []
    access.covered(actor, *(team for team, _people in leaves))
    for team, _people in leaves:
        url = f"{reverse('insight:team', args=[team.pk])}?period={kind}"
        records = records_url("won_amount", period.start, period.end, team=team.pk)
        lines.append(Line(team.name, url, team.motto, of[team_key(team.pk)], 0, 0, records))
    context = _led(actor, period, kind, Group(COMPANY), of[COMPANY], lines)
    names = {one.pk: one.name for _team, people in leaves for one in people}
    won = outlook.leaderboard(period)
    ranked = sorted(names, key=lambda pk: -won.exact((pk,), WON_AMOUNT.measure))[:10]
    each = outlook.of_people(actor, period, ranked)
    whole = max((each[pk].done for pk in ranked), default=0)
    rows = [(names[pk], reverse("insight:person", args=[pk]), each[pk]) for pk in ranked if each[pk].done]
    told = rows and context["sight"].figure
    return {
        **context,
        "team": None,
        "heading": _("The company today"),
        "who": _("Team"),
        "rank": drawings.rank(rows, whole) if told else "",
        "rank_count": len(names),
    }


def _sellers(units: list[int]) -> list[Person]:
    """Active people whose main team is among these and who lead none; one query."""
    leading = UnitReach.objects.filter(leads=True).values("viewer_id")
    rows = Person.objects.filter(unit__in=units, is_active=True, deleted_at__isnull=True)
    return list(rows.exclude(pk__in=leading).order_by("name"))


def _with_sellers(teams: list[Team]) -> list[tuple[Team, list[Person]]]:
    """Teams that hold sellers themselves, with them."""
    of: dict[int, list[Person]] = {}
    for person in _sellers([team.pk for team in teams]):
        of.setdefault(person.unit_id or 0, []).append(person)
    return [(team, of[team.pk]) for team in teams if team.pk in of]


def _led(
    actor: Person,
    period: Period,
    kind: str,
    group: Group,
    whole: Outlook,
    lines: list[Line],
    *,
    team: int | None = None,
) -> dict[str, Any]:
    """What the homes of managers and directors share."""
    today, year = clock.today(), period_of("year")
    people = None if group.people is None else list(group.people)
    sight = outlook.sight(actor)
    lines.sort(key=lambda line: -(line.outlook.attainment or 0) if sight.figure else 0)
    risks, risk_count = work.risks(actor, people)
    where = Slice(period.start, period.end, units=group.units)
    found = figures([RECEIPTS, WIN_RATE], where)
    month_landing = whole.landing.middle if kind == "month" else None
    closing = work.closers(actor, people, period.end) if sight.both and whole.target and whole.gap else []
    return {
        "period": period,
        "kind": kind,
        "spans": SPANS.items(),
        "whole": whole,
        "sight": sight,
        "sight_of_money": outlook.sight(actor, RECEIPTS),
        "verdict": sentences.verdict(whole),
        "chance": format_probability(whole.probability),
        "said": sentences.of_members([(line.name, line.outlook) for line in lines]) if sight.both else [],
        "lines": lines,
        "legend": pace_bar.pace_legend(pgettext("amount so far", "Won")),
        "sum_overdue": sum(line.overdue for line in lines),
        "sum_activity": sum(line.activity for line in lines),
        "risks": risks,
        "closing": closing,
        "closing_sum": sum(deal.amount or 0 for deal in closing),
        "risk_count": risk_count,
        "receipts": found.exact((), RECEIPTS.measure),
        "win_rate": found.value(WIN_RATE),
        "records": records_url("won_amount", period.start, period.end, team=team),
        "receipts_url": records_url("receipts", period.start, period.end, team=team),
        "win_rate_url": records_url("win_rate", period.start, period.end, team=team),
        "explained": sentences.of_outlook(whole),
        "funnel": drawings.funnel(stages) if (stages := work.pipeline(actor, people)) else "",
        "trend": drawings.trend(
            outlook.trend(actor, year, group.subject, units=group.units), year, today, team=team, landing=month_landing
        )
        if sight.figure
        else "",
        "today": today,
        "unit": render.money_unit(),
        "waiting": waiting.proposed(actor, actor) or "",
    }


def _visits(people: list[int]) -> dict[int, int]:
    """Visits of each person in the last seven days."""
    last = clock.today()
    found = figures([work.VISITS], Slice(last - dt.timedelta(days=6), last, people=people), by=["person"])
    return {key[0]: found.value(work.VISITS, key) or 0 for key in found.rows}
