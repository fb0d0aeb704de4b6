"""What lists of customers and follow-ups can be narrowed by besides their fields: how good the records are."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.activities.models import FollowUp
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics import faults
from xiaoguan.apps.metrics.measuring import A_DAY, FRESH, doubtful, spans_of
from xiaoguan.apps.metrics.standing import stands
from xiaoguan.apps.opportunities.models import Deal, StageEntry
from xiaoguan.kit import access, clock, filters
from xiaoguan.kit.models.credit import Credit


@filters.condition(Customer, "untouched", gettext_lazy("nobody in touch for 90 days"), reads="last_contact_on")
def untouched(_actor: Any) -> Q:
    """Customers whom nobody called, met, visited or wrote to within 90 days."""
    return Q(last_contact_on__isnull=True) | Q(last_contact_on__lte=clock.today() - FRESH)


@filters.condition(Customer, "twice", gettext_lazy("may be a duplicate"))
def twice(_actor: Any) -> Q:
    """Customers that may be the same as another one, a colleague's included, and nobody has decided."""
    pairs = doubtful()
    return Q(pk__in=pairs.values("first")) | Q(pk__in=pairs.values("second"))


@filters.condition(Customer, "wrong", gettext_lazy("a value is wrong"), reads="credit_code phone province city")
def wrong(actor: Any) -> Q:
    """Customers with a number, code, mail address or place that can't be right."""
    return Q(pk__in=faults.still(actor))


@filters.condition(FollowUp, "late", gettext_lazy("written down later than the day after"), reads="on")
def late(_actor: Any) -> Q:
    """Follow-ups whose author let more than a day pass."""
    written = ExpressionWrapper(F("created_at") - A_DAY, output_field=DateTimeField())
    return Q(created_at__isnull=False) & Q(GreaterThan(TruncDate(written, tzinfo=clock.zone()), F("on")))


@filters.special("bought")
def bought(entity: Any, raw: str, actor: Any) -> filters.Filter | None:
    """`2026-11`, `2026-11:again`, `2026-11:gone`: who bought in the year before the year that ends with a month."""
    month, _colon, since = raw.partition(":")
    if entity.model is not Customer or since not in ("", "again", "gone") or not access.may(actor, "view", Deal):
        return None
    try:
        spans = spans_of(dt.date.fromisoformat(f"{month}-01"))
    except ValueError:
        return None
    before, after = (
        Q(pk__in=Credit.objects.filter(fact="won", on__range=span, party__isnull=False).order_by().values("party"))
        for span in spans
    )
    told = {
        "": (before, _("bought in the year before that to %(month)s")),
        "again": (before & after, _("bought in the year before that to %(month)s and again since")),
        "gone": (before & ~after, _("bought in the year before that to %(month)s and not since")),
    }
    condition, words = told[since]
    return filters.Filter("bought", raw, condition, said=words % {"month": month})


# Which list shows what was measured ----------------------------------------------------------------------------------

MONTH = "{first}..{last}"
stands("points_known", "points_asked", label=gettext_lazy("Customers something is not known of"), model=Customer,
       is_="gaps", sort="tier")  # fmt: skip
stands("values_right", "values_checked", label=gettext_lazy("Customers with a wrong value"), model=Customer,
       is_="wrong", sort="tier")  # fmt: skip
stands("customers_fresh", label=gettext_lazy("Customers nobody was in touch with for 90 days"), model=Customer,
       is_="untouched", sort="last_contact_on")  # fmt: skip
stands("customers_twice", label=gettext_lazy("Customers that may be duplicates"), model=Customer, is_="twice",
       sort="name")  # fmt: skip
stands("customers_kept", label=gettext_lazy("Customers looked after"), model=Customer)
stands("steps_late", label=gettext_lazy("Open deals whose next step is overdue"), model=Deal, status="open",
       next_due="overdue", sort="next_due")  # fmt: skip
stands("deals_open", label=gettext_lazy("Open deals"), model=Deal, status="open")
stands("followups_prompt", label=gettext_lazy("Follow-ups written down later than the day after"), model=FollowUp,
       whose="credited", on=MONTH, kind="!note", is_="late")  # fmt: skip
stands("followups_written", label=gettext_lazy("Follow-ups of the month"), model=FollowUp, whose="credited", on=MONTH,
       kind="!note")  # fmt: skip
stands("customers_stayed", label=gettext_lazy("Customers who bought again"), model=Customer, bought="{month}:again")
stands("customers_stayed", label=gettext_lazy("Customers who did not buy again"), model=Customer,
       bought="{month}:gone")  # fmt: skip
stands("customers_before", label=gettext_lazy("Customers who bought in the twelve months before"), model=Customer,
       bought="{month}")  # fmt: skip
stands("stages_forward", label=gettext_lazy("Stages deals went on from"), model=StageEntry, whose="credited",
       left_on=MONTH, way="on,skip", sort="-days")  # fmt: skip
stands("stages_left", "stage_days", label=gettext_lazy("Stages left by deals"), model=StageEntry,
       whose="credited", left_on=MONTH, sort="-days")  # fmt: skip
