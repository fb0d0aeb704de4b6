"""What may not be removed or turned round while deals depend on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit import guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut

BECAUSE = "what depends on a record binds whether or not this person may see it"


def refuse_in_use(
    title: str, rows: models.QuerySet[Any], link: str, records: Sequence[Any], *, code: str, rule: str
) -> None:
    """Raise a Refusal when rows point at one of the records; the way out leads to those the reader may see."""
    ids = [record.pk for record in records]
    count = rows.filter(**{f"{link}__in": ids}).count()
    if not count:
        return
    entity = Entity.of(rows.model)
    cause = ngettext(
        "%(n)s record of this kind depends on it: %(kind)s.",
        "%(n)s records of this kind depend on it: %(kind)s.",
        count,
    )
    raise Refusal(
        title,
        cause % {"n": f"{count:,}", "kind": entity.plural},
        code=code,
        rule=rule,
        ways_out=[
            WayOut(
                gettext("See which ones"),
                url=f"{entity.url('list')}?{link}={','.join(map(str, ids[:50]))}",
                hint=gettext("Move or remove them first."),
                icon=entity.icon,
            )
        ],
    )


@guard.register("customers.customer.delete", code="customer.has_deals", label=_("No deleting of customers with deals"))
def keep_customers(attempt: guard.Attempt) -> None:
    """A customer with deals stays."""
    refuse_in_use(
        gettext("This customer can't be deleted yet"), everything(Deal, because=BECAUSE), "customer", attempt.rows,
        code="customer.has_deals", rule=gettext("A customer with deals is kept, so that every figure can be opened."),
    )  # fmt: skip


@guard.register("opportunities.stage.delete", code="stage.in_use", label=_("No deleting of stages in use"))
def keep_stages(attempt: guard.Attempt) -> None:
    """A stage with deals in it stays."""
    refuse_in_use(
        gettext("This stage can't be deleted yet"), everything(Deal, because=BECAUSE), "stage", attempt.rows,
        code="stage.in_use", rule=gettext("A stage is kept while deals are in it."),
    )  # fmt: skip


@guard.register("opportunities.pipeline.delete", code="pipeline.in_use", label=_("No deleting of pipelines in use"))
def keep_pipelines(attempt: guard.Attempt) -> None:
    """A pipeline with stages stays."""
    refuse_in_use(
        gettext("This pipeline can't be deleted yet"), everything(Stage, because=BECAUSE), "pipeline", attempt.rows,
        code="pipeline.in_use", rule=gettext("A pipeline is kept while it has stages."),
    )  # fmt: skip


@guard.register("opportunities.stage.update", code="stage.outcome", label=_("No turning round of stages in use"))
def keep_outcomes(attempt: guard.Attempt) -> None:
    """What deals in a stage are, open or won or lost, is not changed behind their backs."""
    turned = [row for row in attempt.rows if {"outcome", "pipeline_id"} & set(row.changed_fields())]
    if turned:
        refuse_in_use(
            gettext("This stage can't be turned round yet"), everything(Deal, because=BECAUSE), "stage", turned,
            code="stage.outcome",
            rule=gettext("The status of a deal follows from its stage: with deals in it a stage keeps its outcome."),
        )  # fmt: skip
