"""Address of the briefing."""

from django.urls import path

from xiaoguan.apps.briefing import pages
from xiaoguan.kit.pages.answers import page

app_name = "briefing"
urlpatterns = [path("briefing/", page(pages.briefing), name="page")]
