"""Addresses of a deal's team and parties, in front of the kit's."""

from django.urls import path

from xiaoguan.apps.opportunities import pages
from xiaoguan.kit.pages.answers import page

app_name = "opportunities"
BOTH = ("GET", "POST")
urlpatterns = [
    path("deals/<int:pk>/team/", page(pages.team, methods=BOTH), name="team"),
    path("deals/<int:pk>/parties/", page(pages.parties, methods=BOTH), name="parties"),
]
