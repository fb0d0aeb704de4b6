"""Projects on the pages of customers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.projects.models import Participant, Project
from xiaoguan.kit import access, related
from xiaoguan.kit.panel import panel


def _sees_projects(request: HttpRequest, record: Any) -> bool:
    return access.may(request.user, "view", Project)


@panel(
    Customer,
    "projects",
    _("Projects"),
    count=lambda request, customer: related.count(Participant, request.user, {"customer": customer.pk}),
    position=25,
    icon="building-skyscraper",
    shown=_sees_projects,
)
def projects(request: HttpRequest, customer: Customer) -> SafeString:
    """The projects a customer takes part in, and what it does there."""
    return related.card(
        Participant, request.user, {"customer": customer.pk}, cols="project part contact note", sort="-id",
        title=_("Projects"), empty=_("This customer takes part in no project that you see."),
    )  # fmt: skip
