"""How each customer stands with the rules: when it goes to a pool, and by which rule, unless something happens."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration.tagged import CODE as TAGS
from xiaoguan.apps.commerce.models import Contract, ContractStatus, Receipt, Refund
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.queries import subtrees
from xiaoguan.apps.pools.models import Exemption, Holding, Pool, PoolEntry, PoolRule, Trigger
from xiaoguan.apps.pools.models.entry import WAITING
from xiaoguan.calc.recycling import Known, Rule, first
from xiaoguan.kit import clock, feed, memo
from xiaoguan.kit.access import everything
from xiaoguan.kit.derived import derived

PART = 500
BECAUSE = "a rule holds for every customer, whoever looks"
IN_FORCE = (ContractStatus.ACTIVE, ContractStatus.COMPLETED)


@dataclass(frozen=True)
class Book:
    """The pools and rules in use, and the teams each of them reaches."""

    pools: tuple[Pool, ...]
    rules: tuple[PoolRule, ...]
    below: dict[int, set[int]]

    def covers(self, team: int | None, unit: int | None) -> bool:
        """Whether somebody of a unit is one of a team's people; no team means everybody."""
        return team is None or (unit is not None and unit in self.below.get(team, ()))

    def open_to(self, unit: int | None) -> list[Pool]:
        """The pools that people of a unit may claim from, in their order."""
        return [pool for pool in self.pools if self.covers(pool.team_id, unit)]

    def destination(self, rule: PoolRule, unit: int | None) -> Pool | None:
        """Where a rule sends the customer of an owner in this unit."""
        named = next((pool for pool in self.pools if pool.pk == rule.pool_id), None)
        return named or next(iter(self.open_to(unit)), None)


def book() -> Book:
    """Pools and rules from memory until one of them, or a team, changes."""
    token = tuple(feed.versions("pools.pool", "pools.poolrule", "org.team").values())
    found: Book = memo.remember(("pools", "book"), token, _read)
    return found


def _read() -> Book:
    pools = everything(Pool, because=BECAUSE).filter(active=True).order_by("position", "pk")
    rules = everything(PoolRule, because=BECAUSE).filter(active=True).order_by("position", "pk")
    kept = tuple(pools), tuple(rules)
    teams = {each.team_id for each in (*kept[0], *kept[1]) if each.team_id is not None}
    return Book(*kept, subtrees(*teams) if teams else {})


@dataclass
class Seen:
    """What is known of some customers beside their own fields, by customer."""

    last: dict[int, dict[str, dt.date]] = field(default_factory=lambda: defaultdict(dict))
    with_deal: set[int] = field(default_factory=set)
    owing: set[int] = field(default_factory=set)
    exempt: set[int] = field(default_factory=set)


def _look(ids: Sequence[int], rules: Sequence[PoolRule]) -> Seen:
    """Read what these rules ask about; days still to come don't count, so nobody can put one off by dating ahead.

    A signed contract that runs on is the exception: its customer is asked about from its last day.
    """
    seen, today = Seen(), clock.today()
    wanted = {rule.trigger for rule in rules}
    lasting = Q(until__isnull=True) | Q(until__gte=today)
    exempt = Exemption.objects.filter(lasting, customer__in=ids, deleted_at__isnull=True)
    seen.exempt = set(exempt.values_list("customer_id", flat=True))
    deals = everything(Deal, because=BECAUSE).filter(customer__in=ids)
    if any(rule.spare_open_deals for rule in rules):
        seen.with_deal = set(deals.filter(status=Status.OPEN).values_list("customer_id", flat=True))
    if Trigger.DEAL in wanted:
        for pk, moment in _latest(deals, "created_at"):
            seen.last[pk][Trigger.DEAL] = clock.local(moment).date()
    if Trigger.WIN in wanted:
        for pk, day in _latest(deals.filter(status=Status.WON, won_on__lte=today), "won_on"):
            seen.last[pk][Trigger.WIN] = day
    contracts = everything(Contract, because=BECAUSE).filter(customer__in=ids, status__in=IN_FORCE)
    if Trigger.CONTRACT in wanted:
        ended = contracts.filter(signed_on__lte=today).annotate(ended_on=Coalesce("ends_on", "signed_on"))
        for pk, day in _latest(ended, "ended_on"):
            seen.last[pk][Trigger.CONTRACT] = day
    if any(rule.spare_receivables for rule in rules):
        seen.owing = _owing(ids, contracts)
    return seen


def _latest(rows: QuerySet[Any], name: str) -> Iterable[tuple[int, Any]]:
    """(customer, last day or moment) of rows that have one."""
    found = rows.filter(**{f"{name}__isnull": False}).order_by().values_list("customer_id").annotate(last=Max(name))
    return list(found)


def _owing(ids: Sequence[int], contracts: QuerySet[Contract]) -> set[int]:
    """Customers whose contracts in force come to more than they have paid."""
    owed: dict[int, int] = defaultdict(int)
    for pk, total in contracts.order_by().values_list("customer_id").annotate(total=Sum("amount")):
        owed[pk] += total or 0
    if not owed:
        return set()
    for model, sign in ((Receipt, -1), (Refund, 1)):
        rows = everything(model, because=BECAUSE).filter(customer__in=list(owed)).order_by()
        for pk, total in rows.values_list("customer_id").annotate(total=Sum("amount")):
            owed[pk] += sign * (total or 0)
    return {pk for pk, rest in owed.items() if rest > 0}


def foresee(holdings: Sequence[Holding]) -> dict[int, tuple[dt.date, PoolRule]]:
    """When and by which rule each held customer goes to a pool, by customer; who stays is left out.

    The holdings bring their customers with them.
    """
    known = book()
    if not known.rules or not known.pools:
        return {}
    held = [each for each in holdings if each.customer.owner_id and each.customer.deleted_at is None]
    seen = _look([each.customer_id for each in held], known.rules)
    found = {}
    for each in held:
        customer = each.customer
        if customer.pk in seen.exempt:
            continue
        applying = [rule for rule in known.rules if _applies(rule, customer, seen, known)]
        last = dict(seen.last.get(customer.pk, {}))
        if customer.last_contact_on is not None:
            last[Trigger.CONTACT] = min(customer.last_contact_on, clock.today())
        taken = first([Rule(rule, rule.trigger, rule.days) for rule in applying], Known(each.since, last))
        if taken is not None:
            found[customer.pk] = taken
    return found


def _applies(rule: PoolRule, customer: Customer, seen: Seen, known: Book) -> bool:
    """Whether a rule is about this customer, and nothing makes it leave the customer alone."""
    if rule.tier and rule.tier != customer.tier:
        return False
    if rule.kind_id is not None and rule.kind_id != customer.kind_id:
        return False
    if not known.covers(rule.team_id, customer.unit_id) or known.destination(rule, customer.unit_id) is None:
        return False
    if rule.spare_open_deals and customer.pk in seen.with_deal:
        return False
    if rule.spare_receivables and customer.pk in seen.owing:
        return False
    return not (rule.spare_tag_id and str(rule.spare_tag_id) in (customer.extra.get(f"c_{TAGS}") or ()))


def holdings_of(ids: Iterable[int]) -> QuerySet[Holding]:
    """The holdings of customers, with the customers."""
    return Holding.objects.filter(customer__in=list(ids)).select_related("customer").order_by("pk")


def settle(holdings: Sequence[Holding]) -> dict[int, tuple[dt.date, PoolRule]]:
    """Look at some holdings anew and store what changed; answers what `foresee` does."""
    found = foresee(holdings)
    changed = []
    for each in holdings:
        day, rule = found.get(each.customer_id, (None, None))
        if (each.leaves_on, each.rule_id) != (day, rule.pk if rule else None):
            each.leaves_on, each.rule = day, rule
            changed.append(each)
    Holding.objects.bulk_update(changed, ["leaves_on", "rule"], batch_size=PART)
    return found


def refresh(ids: Iterable[int]) -> None:
    """Look at some customers anew, after something happened to them; nothing while there are no rules."""
    if not book().rules:
        return
    wanted = sorted(set(ids) - {None})
    for at in range(0, len(wanted), PART):
        settle(list(holdings_of(wanted[at : at + PART])))


def begin(customers: Iterable[Customer]) -> None:
    """Write down since when customers are held: today, whatever their own dates say."""
    today, now = clock.today(), clock.now()
    Holding.objects.bulk_create(
        [Holding(customer=each, since=today, created_at=now, updated_at=now) for each in customers],
        batch_size=PART, ignore_conflicts=True,
    )  # fmt: skip


@derived("pools.holdings", _("How customers stand with the rules of the pool"))
def rebuild() -> str:
    """Begin what is missing, end the stay of who has an owner, and look at every customer anew."""
    missing = Customer._default_manager.filter(holding__isnull=True)
    while rows := list(missing.order_by("pk")[:PART]):
        begin(rows)
    astray = PoolEntry._default_manager.filter(WAITING, customer__owner__isnull=False).select_related("customer")
    for entry in astray.order_by("pk"):  # a merge gave the customer an owner
        taken = {"left_on": clock.today(), "taken_by_id": entry.customer.owner_id}
        PoolEntry._default_manager.filter(pk=entry.pk).update(**taken)
    last = count = 0
    while part := list(Holding.objects.filter(pk__gt=last).select_related("customer").order_by("pk")[:PART]):
        settle(part)
        last, count = part[-1].pk, count + len(part)
    return str(count)


def horizon(today: dt.date) -> dt.date:
    """The last day that any rule warns of today."""
    return today + dt.timedelta(days=max([rule.warn_days for rule in book().rules], default=0))
