"""Where territories stand, and the conditions customers are found by."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.territories import queries
from xiaoguan.apps.territories.models import Assignment, Placement, Territory
from xiaoguan.kit import access, filters, nav, views
from xiaoguan.kit.pages import emptiness


def sees(actor: Any) -> bool:
    """Whether somebody may look at territories."""
    return access.may(actor, "view", Territory)


def _placed(**where: Any) -> Exists:
    return Exists(Placement.objects.filter(customer=OuterRef("pk"), until__isnull=True, **where))


@filters.condition(Customer, "unplaced", _("in no territory"), reads="region industry kind")
def unplaced(actor: Any) -> Q:
    """Customers that no territory claims."""
    return Q(~_placed())


@filters.condition(Customer, "my_territory", _("in my territory"), reads="region industry kind")
def mine(actor: Any) -> Q:
    """Customers of the territories somebody looks after today."""
    own = [pk for pk, rows in queries.looking_after().items() if any(row.person_id == actor.pk for row in rows)]
    return Q(_placed(territory__in=own))


nav.page("customers", _("Territory map"), "market:map", icon="map-pin", position=60, shown=sees)
nav.chapter("customers", _("Territories"), "territories.territory", "market:map", position=40)
views.view(Territory, "all", _("All"), "sort=position", position=10)
emptiness.teach(
    Territory,
    _(
        "A territory is a rule over region, industry and kind of customer, with somebody who looks after it. Every "
        "customer finds its territory by itself; overlaps and gaps are shown."
    ),
)
emptiness.teach(Assignment, _("Who looks after which territory, from which day to which."))
