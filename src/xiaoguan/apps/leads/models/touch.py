"""What was said to a lead before it was a customer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.leads.models.lead import Lead
from xiaoguan.kit.record import Record


class TouchKind(models.TextChoices):
    """How somebody was in touch."""

    CALL = "call", _("Call")
    MESSAGE = "message", _("Message")
    MAIL = "mail", pgettext_lazy("way to be in touch", "E-mail")
    VISIT = "visit", _("Visit")


class Touch(Record):
    """One contact with a lead; it shows on the lead, and on the customer the lead became."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="touches", verbose_name=_("lead"))
    kind = models.CharField(_("kind"), max_length=8, choices=TouchKind.choices, default=TouchKind.CALL)
    body = models.TextField(_("what was said"), blank=True)
    reached = models.BooleanField(_("reached"), default=True)
    happened_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("contact with a lead")
        indexes = [models.Index(fields=["lead", "happened_at"], name="leads_touch_lead")]
