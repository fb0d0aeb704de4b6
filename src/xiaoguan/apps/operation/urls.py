"""Addresses of running the installation."""

from django.urls import path

from xiaoguan.apps.operation import pages
from xiaoguan.kit.pages.answers import page

app_name = "operation"
urlpatterns = [
    path("operation/demonstration/", page(pages.clear_demo, methods=("GET", "POST")), name="clear_demo"),
]
