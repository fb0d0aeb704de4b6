"""Addresses of the day and the quick log."""

from django.urls import path

from xiaoguan.apps.activities import pages
from xiaoguan.kit.pages.answers import page

app_name = "activities"
urlpatterns = [
    path("activities/", page(pages.day), name="day"),
    path("activities/log/", page(pages.log, methods=("GET", "POST")), name="log"),
]
