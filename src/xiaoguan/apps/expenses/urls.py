"""Addresses of expenses."""

from django.urls import path

from xiaoguan.apps.expenses import pages
from xiaoguan.kit.pages.answers import page

app_name = "claims"
urlpatterns = [
    path("expenses/claim/", page(pages.quick, methods=("GET", "POST")), name="claim"),
]
