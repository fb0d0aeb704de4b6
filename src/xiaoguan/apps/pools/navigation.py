"""Where the pool stands in the navigation, the tabs above it, and what customers may be filtered by."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.pools.models import Exemption, Pool, PoolEntry, PoolRule
from xiaoguan.apps.pools.models.entry import WAITING
from xiaoguan.apps.pools.standing import book, horizon
from xiaoguan.kit import access, clock, filters, nav, views
from xiaoguan.kit.pages import emptiness


def has_rules(actor: Any) -> bool:
    """Whether any rule is in use, and the person sees customers whom it may take."""
    return access.may(actor, "view", Customer) and bool(book().rules)


@filters.condition(Customer, "pool_soon", _("goes to the pool soon"), reads="owner last_contact_on")
def soon(_actor: Any) -> Q:
    """Customers whose owner is being warned."""
    return Q(owner__isnull=False, holding__leaves_on__lte=horizon(clock.today()))


@filters.condition(Customer, "pooled", _("in a public pool"), reads="owner")
def pooled(_actor: Any) -> Q:
    """Customers that wait in a pool."""
    return Q(pk__in=PoolEntry._default_manager.filter(WAITING).values("customer"))


@filters.condition(Customer, "pool_exempt", _("kept out of the pool"), reads="owner")
def exempt(_actor: Any) -> Q:
    """Customers that no rule takes at present."""
    lasting = Q(until__isnull=True) | Q(until__gte=clock.today())
    return Q(pk__in=Exemption._default_manager.filter(lasting, deleted_at__isnull=True).values("customer"))


ABOUT = "name,customer__kind,customer__tier,customer__city,entered_on,customer__last_contact_on,pool"
HERE = f"left_on=none&sort=-entered_on&cols={ABOUT},previous_owner,reason"
views.view(PoolEntry, "waiting", _("To be claimed"), HERE, position=5)
views.view(PoolEntry, "lost", _("I had it before"), f"previous_owner=me&{HERE}", position=20)
TAKEN = f"sort=-left_on&cols={ABOUT},left_on,previous_owner"
views.view(PoolEntry, "claimed", _("Claimed by me"), f"taken_by=me&{TAKEN}", position=30)
views.view(PoolEntry, "all", _("All"), "sort=-id", position=90)
views.view(PoolEntry, "mine", _("Mine"), "", position=99, shown=lambda actor: False)
views.view(PoolEntry, "team", _("My team"), "", position=99, shown=lambda actor: False)

nav.page(
    "customers",
    _("Goes to the pool"),
    "public_pool:tonight",
    icon="hourglass",
    position=60,
    shown=lambda actor: access.may(actor, "view", PoolEntry) and access.may(actor, "view", Customer),
)
nav.chapter("customers", _("Public pool"), "pools.poolentry", "public_pool:tonight", position=50)
nav.chapter("settings", _("Public pool"), "pools.pool", "pools.poolrule", position=22)

emptiness.teach(
    Pool,
    _(
        "A public pool holds customers nobody looks after, until a colleague claims one. It says who may claim, "
        "how many a day, and how many one may hold."
    ),
)
emptiness.teach(
    PoolRule,
    _(
        "A rule sends customers to a pool by itself: tier A without a follow-up for 30 days, for one. "
        "Owners are warned before, and what would go tonight can be looked at."
    ),
)
emptiness.teach(
    PoolEntry,
    _("Here wait customers nobody looks after: returned by their owner, or taken by a rule. Claim one: it is yours."),
)
