"""The tabs above the list of hand-overs, and what it says while it is empty."""

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.handover.models import Handover
from xiaoguan.kit import nav, views
from xiaoguan.kit.pages import emptiness

nav.chapter("customers", _("Customers"), "handover.handover", position=60)
views.view(Handover, "waiting", _("To be confirmed by all"), "status=running,moved&sort=day", position=5)
views.view(Handover, "all", _("All"), "sort=-id", position=90)
emptiness.teach(
    Handover,
    _(
        "When somebody leaves or moves, a hand-over gives customers, deals, tasks and targets to successors in one go. "
        "It begins on the person's page."
    ),
)
