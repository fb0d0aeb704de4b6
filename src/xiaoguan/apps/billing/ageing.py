"""Receivable ageing: what was owed on any day, by how late it was, for whom; as far as the reader's records go.

Today's figures come from what the instalments keep. Those of another day are made from the ledger: every instalment
agreed by then and closed later, less what had been paid on it up to that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Case, F, IntegerField, Min, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.billing.models import Allocation, Instalment, Kind
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person, Team
from xiaoguan.calc import dues
from xiaoguan.kit import access, clock, feed, memo
from xiaoguan.kit.entity import Entity

BUCKETS = (
    _("Not due"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("91–180 days"), _("Over 180 days"),
)  # fmt: skip
WAYS = {"customer": _("By customer"), "owner": _("By owner"), "unit": _("By team"), "kind": _("By kind")}
NAMED: dict[str, Any] = {"customer": Customer, "owner": Person, "unit": Team}
BECAUSE = "what was paid on an instalment the reader sees"


@dataclass(frozen=True)
class Line:
    """One customer, person, team or kind: what it owes in each bucket, in fen."""

    key: str
    name: str
    sums: tuple[int, ...]

    @property
    def total(self) -> int:
        """All that is owed."""
        return sum(self.sums)

    @property
    def late(self) -> int:
        """What is overdue."""
        return sum(self.sums[1:])


@dataclass(frozen=True)
class Table:
    """The whole report, the largest overdue first."""

    on: dt.date
    by: str
    lines: list[Line] = field(default_factory=list)

    @property
    def whole(self) -> Line:
        """The sums of all lines."""
        return Line("", "", tuple(map(sum, zip(*(line.sums for line in self.lines), strict=True))) or (0,) * 6)


def may_read(actor: Any) -> bool:
    """Whether somebody sees instalments and what they are worth."""
    hidden = access.masked(actor, Instalment)
    return access.may(actor, "view", Instalment) and not hidden & {"amount", "outstanding", "paid", "due_on"}


def ways(actor: Any) -> dict[str, Any]:
    """The ways to slice that cross no hidden field."""
    return {name: label for name, label in WAYS.items() if access.readable(actor, Entity.of(Instalment), name)}


def owed(actor: Any, on: dt.date) -> QuerySet[Instalment]:
    """The instalments the reader sees that were owed at the end of a day."""
    rows = access.visible(Instalment, actor).filter(agreed_on__lte=on)
    if on >= clock.today():
        return rows.filter(closed_on__isnull=True)
    return rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))


def _within(on: dt.date, path: str = "") -> list[Q]:
    """The condition of each bucket."""
    name = f"{path}due_on"
    found = []
    for place, (first, last) in enumerate(dues.spans(on)):
        each = Q(**{f"{name}__gte": first} if first else {}) & Q(**{f"{name}__lte": last} if last else {})
        found.append(each | Q(**{f"{name}__isnull": True}) if place == 0 else each)
    return found


def _bucketed(rows: QuerySet[Any], on: dt.date, by: str, amount: str, path: str = "") -> dict[tuple[Any, int], int]:
    """Sums of a column by a dimension and bucket; one query."""
    places = [When(each, then=Value(place)) for place, each in enumerate(_within(on, path))]
    case = Case(*places, output_field=IntegerField())
    found = rows.order_by().annotate(bucket=case).values_list(f"{path}{by}", "bucket")
    return {(key, bucket): total for key, bucket, total in found.annotate(total=Sum(amount))}


def sums(actor: Any, on: dt.date, by: str) -> dict[tuple[Any, int], int]:
    """Fen owed by (key of the dimension, bucket); one query for today, two for another day."""
    rows = owed(actor, on)
    if on >= clock.today():
        return _bucketed(rows, on, by, "outstanding")
    whole = _bucketed(rows, on, by, "amount")
    entries = access.everything(Allocation, because=BECAUSE).filter(on__lte=on, instalment__in=rows.values("pk"))
    paid = _bucketed(entries, on, by, "amount", "instalment__")
    return {key: total - paid.get(key, 0) for key, total in whole.items()}


def table(actor: Any, on: dt.date, by: str) -> Table:
    """The report as of a day by a dimension, remembered until anything it is made of changes."""
    models = [Instalment, Allocation, Customer, *apps.get_app_config("org").get_models()]
    names = ["kit.collaborator", *(model._meta.label_lower for model in models)]
    key = ("ageing", actor.pk, on, by, clock.today())
    tokens = (*feed.versions(*names).values(), access.grants(actor).scope("billing.instalment", "view"))
    return memo.remember(key, tokens, lambda: _table(actor, on, by))


def _table(actor: Any, on: dt.date, by: str) -> Table:
    found: dict[Any, list[int]] = {}
    for (key, bucket), total in sums(actor, on, by).items():
        found.setdefault(key, [0] * len(BUCKETS))[bucket] += total
    names = _names(by, [key for key in found if key is not None])
    lines = [
        Line("none" if key is None else str(key), names.get(key, "—"), tuple(values))
        for key, values in found.items()
        if any(values)
    ]
    return Table(on, by, sorted(lines, key=lambda line: (-line.late, -line.total, line.name)))


def _names(by: str, keys: Sequence[Any]) -> dict[Any, str]:
    """What the keys of a dimension are called."""
    if by == "kind":
        return {key: str(Kind(key).label) for key in keys}
    model = NAMED[by]
    rows = model._default_manager.all()
    found: dict[Any, str] = {}
    for at in range(0, len(keys), 900):
        found |= dict(rows.filter(pk__in=keys[at : at + 900]).values_list("pk", "name"))
    return found


def behind(actor: Any, on: dt.date, by: str, key: str, bucket: int | None) -> QuerySet[Instalment]:
    """The instalments behind one number, each with what was `owed` on it that day."""
    rows = owed(actor, on)
    if key:
        rows = rows.filter(**({f"{by}__isnull": True} if key == "none" else {by: key}))
    if bucket is not None:
        rows = rows.filter(_within(on)[bucket])
    return rows.select_related("contract", "customer", "owner").order_by(F("due_on").asc(nulls_last=True), "pk")


def paid_by(rows: Sequence[Instalment], on: dt.date) -> dict[int, int]:
    """What had been paid on some instalments by the end of a day."""
    entries = access.everything(Allocation, because=BECAUSE).filter(on__lte=on, instalment__in=[row.pk for row in rows])
    return dict(entries.order_by().values_list("instalment").annotate(total=Sum("amount")))


def worst(actor: Any, limit: int = 6, **where: Any) -> tuple[list[dict[str, Any]], int]:
    """Customers who are overdue most, with sum and oldest day, and all that is overdue; for homes."""
    rows = owed(actor, clock.today()).filter(due_on__lt=clock.today(), **where).order_by()
    total = rows.aggregate(total=Sum("outstanding"))["total"] or 0
    if not access.readable(actor, Entity.of(Instalment), "customer__name"):
        return [], total
    found = rows.values("customer", "customer__name", "customer__short_name")
    late = found.annotate(sum=Sum("outstanding"), oldest=Min("due_on"))
    return list(late.order_by("-sum")[:limit]), total
