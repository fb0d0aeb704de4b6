"""Addresses of the targets app."""

from django.urls import include, path

from xiaoguan.apps.goals import api, days_pages, line_pages, pages, smart_pages, split_pages, workbook_pages
from xiaoguan.kit.pages.answers import page

own = [
    path("targets/", page(pages.grid, methods=("GET", "POST")), name="grid"),
    path("targets/new/", page(smart_pages.new, methods=("GET", "POST")), name="new"),
    path("targets/split/", page(split_pages.split, methods=("POST",)), name="split"),
    path("targets/lock/", page(pages.locks, methods=("POST",)), name="lock"),
    path("targets/days/", page(days_pages.days), name="days"),
    path("targets/line/", page(line_pages.line, methods=("GET", "POST")), name="line"),
    path("targets/line/answer/", page(line_pages.talk, methods=("POST",)), name="talk"),
    path("targets/proposals/", page(line_pages.proposals), name="proposals"),
    path("targets/file/", page(workbook_pages.out), name="file"),
    path("targets/file/differences/", page(workbook_pages.back, methods=("POST",)), name="file_back"),
]

urlpatterns = [
    path("", include((own, "goals"))),
    path("api/v1/", include((api.addresses(), "goals_api"))),
]
