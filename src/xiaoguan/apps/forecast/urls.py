"""Address of the page about forecasts."""

from django.urls import path

from xiaoguan.apps.forecast import pages
from xiaoguan.kit.pages.answers import page

app_name = "forecast"
urlpatterns = [path("forecast/calibration/", page(pages.calibration), name="calibration")]
