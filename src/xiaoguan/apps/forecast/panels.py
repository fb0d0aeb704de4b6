"""On a deal: the win probability its company's history gives it, beside the one its owner or its stage says."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.forecast.evidence import COLUMNS
from xiaoguan.apps.forecast.learning import SMALL
from xiaoguan.apps.forecast.models import Chance
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import access, figures, render


@figures.part(Deal, "brief", position=20)
def what_history_says(deal: Deal, actor: Any) -> SafeString | str:
    """The learnt probability of an open deal and what moves it; nothing where none is learnt or it may not be read."""
    if not deal.is_open or "probability" in access.masked(actor, Deal):
        return ""
    found = Chance.objects.filter(deal=deal, stage=deal.stage_id).first()
    if found is None:
        return ""
    shown = [(name, value) for name, value in found.reasons if name in COLUMNS and not _hidden(name, actor)]
    raised = render.listed([str(COLUMNS[name]) for name, value in shown if value >= SMALL])
    lowered = render.listed([str(COLUMNS[name]) for name, value in shown if value <= -SMALL])
    lines = [
        (_("Similar deals of the past"), render.share(found.rate)),
        (_("As in the deal"), render.share(deal.probability)),
        *([(_("Raised by"), raised)] if raised else []),
        *([(_("Lowered by"), lowered)] if lowered else []),
    ]
    facts = format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2></header>'
        '<div class="card-body"><dl class="facts">{}</dl></div></section>',
        _("What history says"),
        facts,
    )


def _hidden(name: str, actor: Any) -> bool:
    """Whether what moved the probability is a field that the actor may not read."""
    return name in access.masked(actor, Deal)
