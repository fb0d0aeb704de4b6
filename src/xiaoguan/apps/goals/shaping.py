"""How the days of a line weigh: by working days, or by the rhythm of last year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.goals import daily
from xiaoguan.apps.goals.actions import may_set
from xiaoguan.apps.goals.models import DayShape, Target
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.goals.weights import slice_of
from xiaoguan.apps.metrics.queries import figures, is_hidden
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc.period import Period
from xiaoguan.calc.rhythm import Calendar, rhythm
from xiaoguan.calc.tree import pack
from xiaoguan.kit.action import Done, working
from xiaoguan.kit.errors import Denied, Invalid

SHAPES: dict[str, Any] = {
    "workdays": gettext_lazy("by working days alike"),
    "last_year": gettext_lazy("by last year's rhythm"),
}


def shape_days(
    metric: Metric, subject: Subject, parts: Sequence[Subject], year: Period, by: str, *, actor: Any
) -> Done:
    """Let the days of a line, and of the parts below it that the actor may set, weigh in one way.

    The rhythm is that of the line itself: of one person alone a year often says too little. Days that are over stay
    as they were told. Raises Denied, or Invalid for a rate or a year before without anything.
    """
    if not may_set(actor, subject) or (by == "last_year" and is_hidden(actor, metric)):
        raise Denied("change", Target)
    if not metric.additive:
        raise Invalid({"": [_("A rate holds every day alike: it is not shared among days.")]})
    chosen = {each.key for each in (subject, *parts) if may_set(actor, each)}
    with working(Target, "shape_days", actor=actor, undoable=False) as work:
        DayShape.objects.filter(metric=metric.code, start=year.start, subject__in=chosen).delete()
        if by == "last_year":
            packed = pack(of_last_year(metric, subject, year))
            rows = [
                DayShape(metric=metric.code, start=year.start, subject=key, weights=packed) for key in sorted(chosen)
            ]
            DayShape.objects.bulk_create(rows, batch_size=500)
        daily.store(metric, year, chosen)
    return Done(work.change if work.change.pk else None, len(chosen))


def of_last_year(metric: Metric, subject: Subject, year: Period) -> daily.Integers:
    """The weight of every day of a year after what those of the year before brought; Invalid if that was nothing."""
    before, calendar = year.year_before(), working_calendar()
    days = list(before.each_day())
    found = figures([metric], slice_of(subject, before.start, before.end), by=["day"])
    past = [found.exact((day.isoformat(),), metric.measure) for day in days]
    if not any(value > 0 for value in past):
        text = _("Nothing is known of %(year)s to take a rhythm from; days go by working days.")
        raise Invalid({"": [text % {"year": before.code}]})
    return rhythm(past, Calendar.of(days, calendar), Calendar.of(list(year.each_day()), calendar))


def shape_of(metric: Metric, subject: Subject, year: Period) -> str:
    """The way in which the days of a line weigh now."""
    rows = DayShape.objects.filter(metric=metric.code, start=year.start, subject=subject.key)
    return "last_year" if rows.exists() else "workdays"
