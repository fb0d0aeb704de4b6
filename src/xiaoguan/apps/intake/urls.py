"""Addresses of scheduled imports beside those of the kit."""

from __future__ import annotations

from django.urls import path

from xiaoguan.apps.intake import pages
from xiaoguan.kit.pages.answers import page

POST = ("POST",)

urlpatterns = [
    path("scheduled-imports/<int:pk>/recipe/", page(pages.recipe, methods=POST), name="intake_recipe"),
    path("scheduled-imports/<int:pk>/secret/", page(pages.secret, methods=POST), name="intake_secret"),
]
