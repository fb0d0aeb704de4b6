"""Addresses of the dashboards app."""

from django.urls import path

from xiaoguan.apps.dashboards import pages
from xiaoguan.kit.pages.answers import page

app_name = "boards"
urlpatterns = [path("leaderboard/", page(pages.leaderboard), name="leaderboard")]
