"""Addresses of the metrics app, those for programs among them; the form of a definition before the kit's."""

from django.urls import include, path

from xiaoguan.api.routes import endpoint
from xiaoguan.apps.metrics import api, defining, market_pages, pages
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")
programs = [
    path(
        f"metric-definitions/<int:pk>/{api.ROUTE}",
        endpoint(Entity.of(Definition), {"GET": api.of_metric}),
        name="metric-definitions-figures",
    ),
]
own = Entity.of(Definition)
named = [
    path("metric-definitions/new/", page(defining.new, own, methods=BOTH), name="new"),
    path("metric-definitions/try/", page(defining.attempt, methods=("POST",)), name="attempt"),
    path("metric-definitions/<int:pk>/edit/", page(defining.edit, own, methods=BOTH), name="edit"),
    path("metric-definitions/<int:pk>/cell/", page(defining.cell, own, methods=BOTH), name="cell"),
    path("market/", page(market_pages.page), name="market"),
    path("metrics/<slug:code>/records/", pages.records, name="records"),
]
urlpatterns = [
    path("api/v1/", include((programs, "of_metrics"))),
    path("", include((named, "metrics"))),
]
