"""What a claim is measured by. Every refusal names the rule it follows, where it was set, and what can be done."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Status
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import manager_of
from xiaoguan.apps.pools.models import Pool, PoolEntry
from xiaoguan.kit import clock, render
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut

BECAUSE = "a limit counts what somebody holds, whoever looks"


def _ask_manager(person: Person) -> WayOut:
    leader = manager_of(person)
    hint = _("%(name)s can assign it to you.") % {"name": leader.name} if leader else _("A manager can assign it.")
    return WayOut(_("Ask your manager"), hint=hint, icon="users")


def _back_to_pool() -> WayOut:
    return WayOut(_("Look at the pool"), Entity.of(PoolEntry).url("list"), icon="inbox")


def _set_by(pool: Pool) -> str:
    return _("public pool “%(pool)s”") % {"pool": pool.name}


def still_waiting(entries: Sequence[PoolEntry]) -> None:
    """Refuse what somebody else was faster to take."""
    gone = next((entry for entry in entries if not entry.waits or entry.customer.owner_id is not None), None)
    if gone is None:
        return
    taker = gone.taken_by or gone.customer.owner
    who = taker.name if taker else "—"
    raise Refusal(
        _("This customer has left the pool"),
        _("%(customer)s went to %(name)s on %(day)s.")
        % {"customer": gone.name, "name": who, "day": render.day(gone.left_on or clock.today())},
        code="POOL-GONE",
        rule=_("Whoever claims first has the customer."),
        ways_out=[_back_to_pool()],
    )


def may_claim(entries: Sequence[PoolEntry], person: Person) -> None:
    """Refuse a claim that the pool's own limits don't allow: cool-down, claims of a day, customers held."""
    by_pool: dict[Pool, list[PoolEntry]] = defaultdict(list)
    for entry in entries:
        by_pool[entry.pool].append(entry)
    for pool, wanted in by_pool.items():
        _in_use(pool)
        _cooled_down(pool, wanted, person)
        _within_the_day(pool, wanted, person)
        may_hold(pool, wanted, person)


def _in_use(pool: Pool) -> None:
    if pool.active and pool.deleted_at is None:
        return
    raise Refusal(
        _("This pool is closed"),
        _("Nobody claims from “%(pool)s” at the moment.") % {"pool": pool.name},
        code="POOL-CLOSED",
        rule=_("Only pools in use are open."),
        set_by=_set_by(pool),
        ways_out=[_back_to_pool()],
    )


def _cooled_down(pool: Pool, wanted: Sequence[PoolEntry], person: Person) -> None:
    if not pool.cool_down_days:
        return
    days = dt.timedelta(days=pool.cool_down_days)
    own = [entry for entry in wanted if entry.previous_owner_id == person.pk]
    hot = next((entry for entry in own if clock.today() < entry.entered_on + days), None)
    if hot is None:
        return
    raise Refusal(
        _("You had this customer until lately"),
        _("%(customer)s left you on %(day)s; you may claim it again from %(again)s.")
        % {
            "customer": hot.name,
            "day": render.day(hot.entered_on),
            "again": render.day(hot.entered_on + days),
        },
        code="POOL-COOL-DOWN",
        rule=ngettext(
            "The previous owner waits %(n)s day before claiming again.",
            "The previous owner waits %(n)s days before claiming again.",
            pool.cool_down_days,
        )
        % {"n": pool.cool_down_days},
        set_by=_set_by(pool),
        ways_out=[_ask_manager(person), _back_to_pool()],
    )


def _within_the_day(pool: Pool, wanted: Sequence[PoolEntry], person: Person) -> None:
    if pool.claims_per_day is None:
        return
    mine = everything(PoolEntry, because=BECAUSE).filter(pool=pool, taken_by=person, claimed=True)
    today = mine.filter(left_on=clock.today()).count()
    if today + len(wanted) <= pool.claims_per_day:
        return
    left = max(0, pool.claims_per_day - today)
    raise Refusal(
        _("That is more than you may claim today"),
        _("You have claimed %(n)s today, and chose %(more)s; %(left)s may still be claimed.")
        % {"n": today, "more": len(wanted), "left": left},
        code="POOL-QUOTA",
        rule=ngettext(
            "At most %(n)s claim per person and day.", "At most %(n)s claims per person and day.", pool.claims_per_day
        )
        % {"n": pool.claims_per_day},
        set_by=_set_by(pool),
        ways_out=[
            WayOut(_("Claim it tomorrow"), hint=_("The day begins anew at midnight."), icon="calendar-plus"),
            _ask_manager(person),
        ],
    )


def may_hold(pool: Pool, wanted: Sequence[PoolEntry], person: Person) -> None:
    """Refuse what would be more than one person, or one team, may hold; tiers that don't count are left out."""
    counted = [entry for entry in wanted if not pool.counted_tiers or entry.customer.tier in pool.counted_tiers]
    if not counted:
        return
    held = everything(Customer, because=BECAUSE)
    if pool.counted_tiers:
        held = held.filter(tier__in=list(pool.counted_tiers))
    if pool.person_cap is not None:
        mine = held.filter(owner=person).count()
        if mine + len(counted) > pool.person_cap:
            raise _full(pool, person, mine, pool.person_cap, alone=True)
    if pool.team_cap is not None and person.unit_id is not None:
        theirs = held.filter(owner__isnull=False, unit=person.unit_id).count()
        if theirs + len(counted) > pool.team_cap:
            raise _full(pool, person, theirs, pool.team_cap, alone=False)


def _full(pool: Pool, person: Person, held: int, cap: int, *, alone: bool) -> Refusal:
    """Holding more would be too many, with the tiers that count if not all do."""
    what = _("customers of tier %(tiers)s") % {"tiers": ", ".join(pool.counted_tiers)} if pool.counted_tiers else ""
    what = what or _("customers")
    rule = _("A person holds at most %(n)s %(what)s.") if alone else _("A team holds at most %(n)s %(what)s.")
    cause = _("%(name)s holds %(n)s of them already.") % {"name": person.name if alone else person.unit, "n": held}
    mine = f"{Entity.of(Customer).url('list')}?owner={person.pk}&sort=last_contact_on"
    return Refusal(
        _("That would be too many customers"),
        cause,
        code="POOL-CAP" if alone else "POOL-TEAM-CAP",
        rule=rule % {"n": cap, "what": what},
        set_by=_set_by(pool),
        ways_out=[
            WayOut(
                _("Return a customer first"), mine, _("Those without contact for longest stand first."), icon="inbox"
            ),
            _ask_manager(person),
        ],
    )


def nothing_open(customers: Sequence[Customer]) -> None:
    """Refuse to give a customer back while somebody works on a deal with it."""
    rows = everything(Deal, because="an open deal counts, whoever sees it")
    found = rows.filter(customer__in=customers, status=Status.OPEN).select_related("customer").order_by("pk").first()
    if found is None or found.customer is None:
        return
    customer: Any = found.customer
    deals = f"{Entity.of(Deal).url('list')}?view=all&customer={customer.pk}&status=open"
    raise Refusal(
        _("There is an open deal"),
        _("%(customer)s has an open deal; whoever claims the customer would not know of it.")
        % {"customer": customer.name},
        code="POOL-OPEN-DEAL",
        rule=_("A customer with an open deal isn't returned to the pool."),
        ways_out=[
            WayOut(_("Close the deal"), deals, _("Win it, lose it or mark it as invalid."), icon="briefcase"),
            WayOut(
                _("Transfer the customer to a colleague"),
                Entity.of(Customer).url("do", customer, "transfer"),
                _("The deal goes along."),
                icon="user-share",
            ),
        ],
    )


def no_pool() -> Refusal:
    """There is no pool a customer of this team could go to."""
    return Refusal(
        _("There is no pool to return it to"),
        _("No public pool in use is open to this team."),
        code="POOL-NONE",
        rule=_("A customer goes to a pool that people of its owner's team may claim from."),
        ways_out=[
            WayOut(_("Ask an administrator or director"), hint=_("They set up pools in the settings."), icon="users")
        ],
    )
