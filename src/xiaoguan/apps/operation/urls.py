"""Addresses of running the installation."""

from django.urls import include, path

from xiaoguan.apps.operation import pages
from xiaoguan.apps.operation.metrics_page import metrics_page
from xiaoguan.kit.pages.answers import page

own = [
    path("demonstration/", page(pages.clear_demo, methods=("GET", "POST")), name="clear_demo"),
]
urlpatterns = [
    path("metrics", metrics_page, name="metrics"),
    path("operation/", include((own, "operation"))),
]
