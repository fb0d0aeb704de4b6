"""The tabs above the list and the board of deals."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.opportunities.models import (
    Criterion,
    Deal,
    DealMember,
    DealParty,
    Duty,
    LossReason,
    Pipeline,
    Product,
    Stage,
    Status,
)
from xiaoguan.apps.opportunities.queries import usual_days
from xiaoguan.kit import access, clock, filters, nav, views
from xiaoguan.kit.pages import emptiness


def leads(actor: Any) -> bool:
    """Whether somebody looks after other people's deals too."""
    return access.grants(actor).scope("opportunities.deal", "view") == "team"


def sees_all(actor: Any) -> bool:
    """Whether somebody looks at the whole company."""
    return access.grants(actor).scope("opportunities.deal", "view") == "all"


@filters.condition(Deal, "stuck", _("stuck in its stage"), reads="stage stage_since")
def stuck(actor: Any) -> Q:
    """Open deals that stay in their stage longer than is usual there."""
    found = Q(pk__in=[])
    for stage, days in usual_days().items():
        found |= Q(status=Status.OPEN, stage=stage, stage_since__lt=clock.today() - dt.timedelta(days=days))
    return found


OPEN = "status=open&sort=next_due"
views.view(Deal, "open", _("All open"), OPEN, position=5, shown=sees_all)
views.view(Deal, "team", _("My team's open"), f"owner=team&{OPEN}", position=7, shown=leads)
views.view(Deal, "mine", _("My open"), f"owner=me&{OPEN}", position=10)
views.view(Deal, "closing", _("Closing this month"), "status=open&expected_on=this_month&sort=expected_on", position=20)
views.view(Deal, "stuck", _("Stuck"), "is=stuck&sort=stage_since", position=25)
views.view(Deal, "overdue", _("Next step overdue"), f"next_due=overdue&{OPEN}", position=30)
views.view(Deal, "idle", _("No next step"), "next_due=none&status=open&sort=-amount", position=40)
views.view(Deal, "won", _("Won this month"), "status=won&won_on=this_month&sort=-won_on", position=50)
views.view(Deal, "all", _("All"), "sort=-id", position=90)

nav.chapter(
    "settings",
    _("Sales process"),
    "opportunities.pipeline",
    "opportunities.stage",
    "opportunities.product",
    "opportunities.lossreason",
    position=20,
)

emptiness.teach(
    Deal,
    _(
        "A deal is a chance to sell: a customer, an amount, a day by which it may be signed, and a next step. "
        "It moves from stage to stage, and every forecast is made of these."
    ),
)
emptiness.teach(Product, _("What you sell, with its unit and list price. The lines of a deal choose from it."))
emptiness.teach(Pipeline, _("A way in which you sell, as a row of stages. Most companies begin with one."))
emptiness.teach(Stage, _("The steps of a pipeline with the days and the chance that are usual at each."))
emptiness.teach(LossReason, _("Why deals are lost. Asked for at each loss, they show what to do better."))
emptiness.teach(
    Criterion, _("What must be so before a deal leaves a stage. It is asked for in the dialog of the move.")
)
emptiness.teach(Duty, _("What is always done in a stage. A deal that enters it gets these as tasks with a day."))
emptiness.teach(
    DealMember, _("Who works on a deal besides its owner, and with which share. It is entered on the deal.")
)
emptiness.teach(
    DealParty, _("People and companies in a deal, each with the role played there. It is entered on the deal.")
)
