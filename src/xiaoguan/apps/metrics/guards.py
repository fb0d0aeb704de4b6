"""What may not happen to the metrics of the dictionary."""

from __future__ import annotations

from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.metrics.models import Definition
from xiaoguan.kit import guard
from xiaoguan.kit.errors import Refusal, WayOut


@guard.register(
    "metrics.definition.delete", code="metric.shipped", label=gettext_lazy("No deleting of built-in metrics")
)
def keep_shipped(attempt: guard.Attempt) -> None:
    """Homes and targets know the built-in metrics by name: they are taken out of use, not deleted."""
    for row in attempt.rows:
        if row.shipped:
            raise Refusal(
                _("This metric can't be deleted"),
                _("“%(name)s” is built in: homes, targets and reports know it.") % {"name": row},
                code="metric.shipped",
                rule=_("A built-in metric that nobody needs is taken out of use."),
                ways_out=[WayOut(_("Take it out of use"), Definition.entity.url("edit", row), icon="pencil")],
            )
