"""Addresses of quotes beside those the kit derives."""

from __future__ import annotations

from django.urls import include, path

from xiaoguan.apps.quotes import pages
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")
own = [
    path("quotes/<int:pk>/lines/", page(pages.lines, methods=BOTH), name="lines"),
    path("quotes/<int:pk>/sums/", page(pages.sums, methods=("POST",)), name="sums"),
    path("quotes/<int:pk>/versions/", page(pages.versions), name="versions"),
    path("quotes/<int:pk>/pdf/", page(pages.pdf), name="pdf"),
    path("settings/quotes/", page(pages.settings, methods=BOTH), name="settings"),
]
urlpatterns = [path("", include((own, "quote_pages")))]
