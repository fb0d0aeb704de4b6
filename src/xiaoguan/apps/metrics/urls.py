"""Addresses of the metrics app, those for programs among them."""

from django.urls import include, path

from xiaoguan.api.routes import endpoint
from xiaoguan.apps.metrics import api, defining, market_pages, pages
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

programs = [
    path(
        f"metric-definitions/<int:pk>/{api.ROUTE}",
        endpoint(Entity.of(Definition), {"GET": api.of_metric}),
        name="metric-definitions-figures",
    ),
]
named = [
    path("metric-definitions/define/", page(defining.new, methods=("GET", "POST")), name="new"),
    path("metric-definitions/define/try/", page(defining.attempt, methods=("POST",)), name="attempt"),
    path("metric-definitions/define/<slug:code>/", page(defining.define, methods=("GET", "POST")), name="define"),
    path("market/", page(market_pages.page), name="market"),
    path("metrics/<slug:code>/records/", pages.records, name="records"),
]
urlpatterns = [
    path("api/v1/", include((programs, "of_metrics"))),
    path("", include((named, "metrics"))),
]
