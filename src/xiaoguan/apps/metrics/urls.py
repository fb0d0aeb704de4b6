"""Addresses of the metrics app."""

from django.urls import path

from xiaoguan.apps.metrics import pages

app_name = "metrics"
urlpatterns = [path("metrics/<slug:code>/records/", pages.records, name="records")]
