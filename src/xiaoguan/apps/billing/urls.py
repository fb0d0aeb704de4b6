"""Addresses of payment plans."""

from django.urls import path

from xiaoguan.apps.billing import pages
from xiaoguan.kit.pages.answers import page

app_name = "billing"
urlpatterns = [
    path("contracts/<int:pk>/plan/", page(pages.plan, methods=("GET", "POST")), name="plan"),
]
