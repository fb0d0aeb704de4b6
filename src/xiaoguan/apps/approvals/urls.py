"""Addresses of approvals, for people and for programs."""

from __future__ import annotations

from django.urls import include, path

from xiaoguan.apps.approvals import api, pages, route_pages
from xiaoguan.kit.pages.answers import page

POST, BOTH = ("POST",), ("GET", "POST")
own = [
    path("", page(pages.inbox), name="inbox"),
    path("bulk/", page(pages.bulk, methods=POST), name="bulk"),
    path("ask/", page(pages.ask, methods=BOTH), name="ask"),
    path("routes/", page(route_pages.routes), name="routes"),
    path("routes/new/<str:code>/", page(route_pages.new, methods=BOTH), name="route_new"),
    path("routes/<int:pk>/", page(route_pages.edit, methods=BOTH), name="route"),
    path("<int:pk>/", page(pages.show), name="request"),
    path("<int:pk>/decide/", page(pages.decide, methods=POST), name="decide"),
]

urlpatterns = [
    path("approvals/", include((own, "approvals"))),
    path("api/v1/", include((api.addresses(), "approvals_api"))),
]
