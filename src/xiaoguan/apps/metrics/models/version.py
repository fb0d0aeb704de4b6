"""The formulas a metric has had: what counted from which day, who set it, when and why."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.metrics.models.definition import Definition
from xiaoguan.kit import access
from xiaoguan.kit.record import Record


class DefinitionVersion(Record):
    """One formula of a metric; it counts until the next one does, the last one is that of the metric's row.

    `counts_from` says nothing where it is the first: that one counts for all days before the second. `set_by` and
    `set_at` tell the last word on this formula, unknown (None) of what stands from before versions were rows.
    """

    definition = models.ForeignKey(
        Definition, models.PROTECT, related_name="versions", verbose_name=_("metric definition")
    )
    counts_from = models.DateField(pgettext_lazy("formula", "counts from"), null=True, blank=True)
    counts = models.CharField(_("what is counted"), max_length=300)
    how = models.CharField(_("how"), max_length=10)
    narrowed = models.CharField(_("only for"), max_length=300, blank=True)
    over_counts = models.CharField(_("divided by"), max_length=300, blank=True)
    over_how = models.CharField(_("how it divides"), max_length=10, blank=True)
    over_narrowed = models.CharField(_("divisor only for"), max_length=300, blank=True)
    why = models.CharField(pgettext_lazy("of a formula", "why"), max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set at"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "counts_from"],
                condition=Q(deleted_at__isnull=True),
                name="metrics_version_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id} {self.counts_from}"

    def takes_back(self, actor: Any) -> bool:
        """Whoever may change what the metric counts."""
        return bool(access.may(actor, "change", Definition))
