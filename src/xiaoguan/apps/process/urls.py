"""Address of the process report."""

from django.urls import path

from xiaoguan.apps.process import pages
from xiaoguan.kit.pages.answers import page

app_name = "process"
urlpatterns = [path("insight/process/", page(pages.report), name="report")]
