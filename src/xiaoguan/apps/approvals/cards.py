"""The part of a record's page that tells how far the approval it waits for is."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from xiaoguan.apps.approvals import queries, reading
from xiaoguan.apps.approvals.kinds import Kind
from xiaoguan.kit import render


def latest(row: models.Model, kind: Kind, heading: str | Promise) -> SafeString | str:
    """The steps of the latest request of a kind about a record, under a heading; empty where nothing was asked."""
    request = queries.requests_about(row, kind).first()
    if request is None:
        return ""
    rows = format_html_join(
        "", '<li class="row-item"><span class="row-main">{}<small>{}</small></span></li>',
        ((render.listed(step.people), step.rule) for step in reading.steps(request)),
    )  # fmt: skip
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2><span class="fact">{}</span>'
        '<a class="more" href="{}">{}</a></header><ul class="rows">{}</ul></section>',
        heading, request.get_state_display(), reverse("approvals:request", args=[request.pk]), gettext("Show"), rows,
    )  # fmt: skip
