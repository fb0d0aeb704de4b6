"""Addresses of the import wizard."""

from __future__ import annotations

from django.urls import include, path

from xiaoguan.kit.pages.answers import page
from xiaoguan.transfer import pages, revert

BOTH = ("GET", "POST")
wizard = [
    path("", page(pages.start, methods=BOTH), name="start"),
    path("<uuid:pk>/", page(pages.show), name="show"),
    path("<uuid:pk>/header/", page(pages.header, methods=BOTH), name="header"),
    path("<uuid:pk>/map/", page(pages.mapping, methods=BOTH), name="map"),
    path("<uuid:pk>/run/", page(pages.run, methods=("POST",)), name="run"),
    path("<uuid:pk>/problems/", page(pages.bad_rows), name="problems"),
    path("<uuid:pk>/links/", page(pages.hand_out, methods=("POST",)), name="links"),
    path("<uuid:pk>/revert/", page(revert.page, methods=("POST",)), name="revert"),
]
urlpatterns = [path("import/", include((wizard, "import")))]
