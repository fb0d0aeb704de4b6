"""Addresses of the targets app."""

from django.urls import path

from xiaoguan.apps.goals import pages
from xiaoguan.kit.pages.answers import page

app_name = "goals"
urlpatterns = [
    path("targets/", page(pages.grid, methods=("GET", "POST")), name="grid"),
    path("targets/split/", page(pages.split, methods=("POST",)), name="split"),
    path("targets/lock/", page(pages.locks, methods=("POST",)), name="lock"),
]
