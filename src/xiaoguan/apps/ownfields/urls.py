"""Addresses of the pages of own fields."""

from __future__ import annotations

from django.urls import include, path

from xiaoguan.apps.ownfields import pages
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")
POST = ("POST",)

own = [
    path("", page(pages.index), name="index"),
    path("<slug:slug>/", page(pages.fields), name="fields"),
    path("<slug:slug>/new/", page(pages.new, methods=BOTH), name="new"),
    path("<slug:slug>/<int:pk>/", page(pages.edit, methods=BOTH), name="edit"),
    path("<slug:slug>/<int:pk>/move/", page(pages.move, methods=POST), name="move"),
    path("<slug:slug>/<int:pk>/retire/", page(pages.retire, methods=POST), name="retire"),
    path("<slug:slug>/<int:pk>/delete/", page(pages.delete, methods=POST), name="delete"),
]

urlpatterns = [path("settings/own-fields/", include((own, "ownfields")))]
