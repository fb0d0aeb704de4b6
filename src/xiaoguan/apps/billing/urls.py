"""Addresses of payment plans and the ageing report."""

from django.urls import path

from xiaoguan.apps.billing import ageing_page, pages, reminders_page
from xiaoguan.kit.pages.answers import page

app_name = "billing"
urlpatterns = [
    path("contracts/<int:pk>/plan/", page(pages.plan, methods=("GET", "POST")), name="plan"),
    path("settings/reminders/", page(reminders_page.reminders, methods=("GET", "POST")), name="reminders"),
    path("receivables/", page(ageing_page.report), name="ageing"),
    path("receivables/behind/", page(ageing_page.behind), name="behind"),
    path("receivables/file/", page(ageing_page.file), name="ageing_file"),
]
