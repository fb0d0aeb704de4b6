"""Verbs of the pool: give a customer back, claim one, assign one; and keep a customer out of the rules' reach."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.customers.actions import refuse_leaver
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.pools import limits
from xiaoguan.apps.pools.models import Exemption, Holding, Pool, PoolEntry, Way
from xiaoguan.apps.pools.moving import hand_out, locked, release
from xiaoguan.apps.pools.standing import book
from xiaoguan.kit import clock, guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.errors import Invalid, Refusal, WayOut


def is_held(customer: Customer) -> bool:
    """Whether somebody looks after the customer."""
    return customer.owner_id is not None


@action(Customer, _("Return to the pool"), verb="transfer", icon="inbox", bulk=True, shown=is_held, position=75)
def give_back(
    work: Work,
    customers: Sequence[Customer],
    *,
    reason: Annotated[str, _("Reason")],
    pool: Annotated[Pool | None, _("Public pool")] = None,
) -> Sequence[Customer]:
    """Give customers up so that a colleague can take them; open deals are closed or handed over before."""
    held = [customer for customer in customers if customer.owner_id is not None]
    if not held:
        return []
    limits.nothing_open(held)
    if pool is not None and not pool.active:
        raise Invalid({"pool": [gettext("This pool is not in use.")]})
    pools = {}
    for customer in held:
        found = pool or next(iter(book().open_to(customer.unit_id)), None)
        if found is None:
            raise limits.no_pool()
        pools[customer.pk] = found
    work.change.note = reason
    work.change.entity = Holding._meta.label_lower  # what the previous owner may still take back
    release(work, held, pools, way=Way.RETURNED, reason=reason)
    return held


def waits(entry: PoolEntry) -> bool:
    """Whether the customer can still be had."""
    return entry.waits


@action(PoolEntry, _("Claim"), verb="claim", icon="hand-grab", bulk=True, shown=waits, position=10)
def claim(work: Work, entries: Sequence[PoolEntry]) -> Sequence[PoolEntry]:
    """Take customers out of the pool for oneself, with what their previous owner still had with them."""
    found = locked(entries)
    limits.still_waiting(found)
    limits.may_claim(found, work.actor)
    hand_out(work, found, work.actor)
    return found


@action(
    PoolEntry, _("Assign"), name="transfer", verb="assign", icon="user-share", bulk=True, shown=waits, position=20
)  # fmt: skip
def assign(
    work: Work,
    entries: Sequence[PoolEntry],
    *,
    to: Annotated[Person, _("New owner")],
    together: Annotated[bool, _("With open deals, contracts, follow-ups and tasks")] = True,
    comment: Annotated[str, _("Comment")] = "",
) -> Sequence[PoolEntry]:
    """Give customers of the pool to somebody; daily claims and cool-down don't count, what one may hold does."""
    refuse_leaver(to)
    found = locked(entries)
    limits.still_waiting(found)
    by_pool = defaultdict(list)
    for entry in found:
        by_pool[entry.pool].append(entry)
    for pool, wanted in by_pool.items():
        limits.may_hold(pool, wanted, to)
    work.change.note = comment
    hand_out(work, found, to, together=together)
    return found


@guard.register("pools.poolentry.delete", code="POOL-STAYS", label=_("A stay in the pool is not deleted"))
def keep_entries(_attempt: guard.Attempt) -> None:
    """The stays of a customer are its history."""
    raise Refusal(
        gettext("A stay in the pool is not deleted"),
        gettext("Where a customer has been is part of its history."),
        code="POOL-STAYS",
        rule=gettext("A customer leaves the pool when somebody gets it."),
        ways_out=[WayOut(gettext("Claim or assign the customer"), icon="hand-grab")],
    )


@action(Customer, _("Keep out of the pool"), verb="spare", icon="shield-check", bulk=True, shown=is_held, position=76)
def spare(
    work: Work,
    customers: Sequence[Customer],
    *,
    reason: Annotated[str, _("Reason")],
    until: Annotated[dt.date | None, _("Until")] = None,
) -> Sequence[Customer]:
    """Let no rule take these customers, for good or until a day; a reason is kept with it."""
    if until is not None and until < clock.today():
        raise Invalid({"until": [gettext("This day is over.")]})
    work.change.note = reason
    work.remove(*_exemptions(customers))
    work.create(Exemption, [{"customer": each, "reason": reason, "until": until} for each in customers])
    return customers


@action(
    Customer, _("Let the pool's rules apply again"), verb="spare", icon="recycle", bulk=True, shown=is_held, position=77
)  # fmt: skip
def expose(work: Work, customers: Sequence[Customer]) -> Sequence[Customer]:
    """End an exemption before its day."""
    gone = work.remove(*_exemptions(customers))
    ended = {each.customer_id for each in gone}
    return [each for each in customers if each.pk in ended]


def _exemptions(customers: Sequence[Customer]) -> list[Exemption]:
    rows = everything(Exemption, because="an exemption holds for whoever looks")
    return list(rows.filter(customer__in=list(customers)).order_by("pk"))
