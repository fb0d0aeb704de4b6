"""Where activities stand in the navigation, and the tabs above tasks and follow-ups."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.activities.models import Feedback, FollowUp, Task
from xiaoguan.kit import access, nav, views
from xiaoguan.kit.pages import emptiness

nav.page(
    "activities",
    _("My day"),
    "activities:day",
    icon="checklist",
    position=10,
    shown=lambda actor: access.may(actor, "view", Task),
)
views.view(Task, "mine", _("My tasks"), "owner=me&state=open&sort=due_on", position=10)
views.view(Task, "overdue", _("Overdue"), "state=open&due_on=overdue&sort=due_on", position=30)
views.view(Task, "done", _("Done this week"), "state=done&done_on=this_week&sort=-done_on", position=40)
views.view(FollowUp, "visits", _("Visits this month"), "kind=visit&on=this_month", position=40)
views.view(Feedback, "open", _("Complaints not settled"), "kind=complaint&resolved_on=none&sort=on", position=10)
views.view(Feedback, "mine", _("Mine"), "owner=me&sort=-on", position=20)

emptiness.teach(
    Feedback,
    _("How satisfied customers are, what they complain about, when it was settled: two taps on the customer's page."),
)
emptiness.teach(
    FollowUp,
    _("Calls, visits and meetings as they were: who was there, what was said, what comes next. Three taps will do."),
)
emptiness.teach(Task, _("What is to be done, by whom and by when. What is due stands on the home page each morning."))
