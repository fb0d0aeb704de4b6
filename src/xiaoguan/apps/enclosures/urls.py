"""Addresses of zips beside imports."""

from __future__ import annotations

from django.urls import include, path

from xiaoguan.apps.enclosures import pages
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")
own = [
    path("import/<uuid:pk>/files/", page(pages.new, methods=BOTH), name="new"),
    path("import/files/<uuid:pk>/", page(pages.show, methods=BOTH), name="show"),
]
urlpatterns = [path("", include((own, "enclosures")))]
