"""What is measured of each person's month: the records, who bought again, how deals and follow-ups went."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.activities.models.follow_up import Kind
from xiaoguan.apps.customers import completeness
from xiaoguan.apps.customers.models import Apart, Contact, Customer, Pair
from xiaoguan.apps.metrics import faults
from xiaoguan.apps.metrics.readings import Found, Month, measurer, reading
from xiaoguan.apps.opportunities.models import Deal, StageEntry, Status
from xiaoguan.apps.opportunities.models.history import Way
from xiaoguan.kit import clock, spans
from xiaoguan.kit.access import everything
from xiaoguan.kit.models.credit import Credit

BECAUSE = "what is counted of all records doesn't depend on who looks"
FRESH = dt.timedelta(days=90)
"""So long a customer's record counts as fresh after somebody was in touch."""
A_DAY = dt.timedelta(days=1)
HUNDRED = 100

reading("customers_kept", _("Customers looked after"), state=True)
reading("points_known", _("Points of customers' data that are known"), state=True)
reading("points_asked", _("Points of customers' data"), state=True)
reading("values_checked", _("Values that can be checked"), state=True)
reading("values_right", _("Values that are right"), state=True)
reading("customers_fresh", _("Customers in touch within 90 days"), state=True)
reading("customers_twice", _("Customers that may be duplicates"), state=True)
reading("deals_open", _("Open deals"), state=True)
reading("steps_late", _("Open deals whose next step is overdue"), state=True)
reading("customers_before", _("Customers who bought in the twelve months before"), state=True)
reading("customers_stayed", _("Customers of those before who bought again"), state=True)
reading("followups_written", _("Follow-ups written down"))
reading("followups_prompt", _("Follow-ups written down by the next day"))
reading("stages_left", _("Stages left by deals"))
reading("stages_forward", _("Stages deals went on from"))
reading("stage_days", _("Days spent in stages that were left"), unit="days")


class Counts:
    """Amounts by fact and person."""

    def __init__(self, *codes: str) -> None:
        self.found: dict[str, dict[int | None, int]] = {code: defaultdict(int) for code in codes}

    def add(self, code: str, person: int | None, amount: int = 1) -> None:
        """Count more of a fact for a person."""
        self.found[code][person] += amount


@measurer
def records(month: Month) -> Found:
    """How complete, right, fresh and unique each person's customers are; a state, so only as it is.

    Who has a wrong value is remembered beside it.
    """
    if not month.state:
        return {}
    counts = Counts("customers_kept", "points_known", "points_asked", "values_checked", "values_right",
                    "customers_fresh", "customers_twice")  # fmt: skip
    fresh = _in_touch(month.last)
    twice = {one for pair in doubtful().values_list("first", "second") for one in pair}
    owners: dict[int, int | None] = {}
    wrong: set[int] = set()
    rows = everything(Customer, because=BECAUSE).filter(Q(since__isnull=True) | Q(since__lte=month.last)).order_by()
    columns = ("pk", "owner", "complete", "credit_code", "phone", "province", "city", "region")
    for pk, owner, known, code, phone, *place in (
        rows.annotate(complete=completeness.score()).values_list(*columns).iterator(chunk_size=5000)
    ):
        owners[pk] = owner
        counts.add("customers_kept", owner)
        counts.add("points_known", owner, known)
        counts.add("points_asked", owner, HUNDRED)
        counts.add("customers_fresh", owner, int(pk in fresh))
        counts.add("customers_twice", owner, int(pk in twice))
        for _field, right in faults.of_customer(code, phone, *place):
            _check(counts, owner, right)
            if not right:
                wrong.add(pk)
    people = everything(Contact, because=BECAUSE).filter(left=False).order_by()
    for customer, *values in people.values_list("customer", *faults.OF_CONTACT).iterator(chunk_size=5000):
        for _field, right in faults.of_contact(*values) if customer in owners else ():
            _check(counts, owners[customer], right)
            if not right:
                wrong.add(customer)
    faults.keep(wrong)
    return counts.found


def _check(counts: Counts, owner: int | None, right: bool) -> None:
    counts.add("values_checked", owner)
    counts.add("values_right", owner, int(right))


def _in_touch(last: dt.date) -> set[int]:
    found = Credit.objects.filter(fact="followup", on__gt=last - FRESH, on__lte=last, party__isnull=False)
    return set(found.order_by().values_list("party", flat=True).distinct())


def doubtful() -> QuerySet[Pair]:
    """Pairs of customers that may be one and that nobody has decided on."""
    told = Apart._default_manager.filter(first=OuterRef("first"), second=OuterRef("second"), deleted_at__isnull=True)
    return Pair.objects.filter(~Exists(told)).order_by()


@measurer
def steps(month: Month) -> Found:
    """Open deals, and those whose next step is overdue: only as they are today."""
    if not month.state or month.last < clock.today():
        return {}
    rows = everything(Deal, because=BECAUSE).filter(status=Status.OPEN).order_by().values("owner")
    late = Count("pk", filter=Q(next_due__lt=clock.today()))
    found = {row["owner"]: row for row in rows.annotate(n=Count("pk"), late=late)}
    return {
        "deals_open": {owner: row["n"] for owner, row in found.items()},
        "steps_late": {owner: row["late"] for owner, row in found.items()},
    }


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


@measurer
def retention(month: Month) -> Found:
    """Who bought in the twelve months up to a year before the month's end, and who of these did again since."""
    before, since = (_buyers(*span) for span in spans_of(month.first))
    counts = Counts("customers_before", "customers_stayed")
    owners = everything(Customer, because=BECAUSE).order_by().values_list("pk", "owner") if before else ()
    for pk, owner in owners:
        if pk in before:
            counts.add("customers_before", owner)
            counts.add("customers_stayed", owner, int(pk in since))
    return counts.found


def spans_of(day: dt.date) -> tuple[tuple[dt.date, dt.date], tuple[dt.date, dt.date]]:
    """The twelve months up to a year before a day's month ends, and the year since; the running month ends today."""
    last = min(spans.month_of(day)[1], clock.today())
    year = _year_before(last)
    return (_year_before(year) + A_DAY, year), (year + A_DAY, last)


def _buyers(first: dt.date, last: dt.date) -> set[int]:
    rows = Credit.objects.filter(fact="won", on__range=(first, last), party__isnull=False).order_by()
    return set(rows.values_list("party", flat=True).distinct())


@measurer
def follow_ups(month: Month) -> Found:
    """Follow-ups of the month, and those written down by the day after."""
    counts = Counts("followups_written", "followups_prompt")
    rows = everything(FollowUp, because=BECAUSE).filter(on__range=(month.first, month.last)).exclude(kind=Kind.NOTE)
    for person, on, at in rows.order_by().values_list("credited", "on", "created_at").iterator(chunk_size=5000):
        counts.add("followups_written", person)
        counts.add("followups_prompt", person, int(at is None or clock.local(at).date() <= on + A_DAY))
    return counts.found


@measurer
def stages(month: Month) -> Found:
    """Stages that deals left in the month, for whoever had the deal then: how many, how many forward, their days."""
    rows = everything(StageEntry, because=BECAUSE).filter(left_on__range=(month.first, month.last), days__isnull=False)
    on = Count("pk", filter=Q(way__in=[Way.ON, Way.SKIP]))
    grouped: Any = rows.order_by().values(person=F("credited")).annotate(n=Count("pk"), on=on, days=Sum("days"))
    found = {row["person"]: row for row in grouped}
    return {
        "stages_left": {person: row["n"] for person, row in found.items()},
        "stages_forward": {person: row["on"] for person, row in found.items()},
        "stage_days": {person: row["days"] for person, row in found.items()},
    }
