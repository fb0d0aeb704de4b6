"""Addresses of the organisation's own pages."""

from __future__ import annotations

from django.urls import include, path

from xiaoguan.apps.org import chart_page, deputies_page, pages, role_pages, why_page
from xiaoguan.apps.org.welcome import welcome
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")

chart = [
    path("", page(chart_page.chart), name="chart"),
    path("branch/<int:pk>/", page(chart_page.branch), name="branch"),
    path("members/<int:pk>/", page(chart_page.members), name="members"),
    path("links/<int:pk>/", page(pages.links, methods=BOTH), name="links"),
    path("company/", page(pages.company), name="company"),
    path("people/<int:pk>/link/", page(pages.link, methods=("POST",)), name="link"),
    path("roles/<int:pk>/grants/", page(role_pages.grants, methods=("POST",)), name="grants"),
    path("roles/<int:pk>/preview/", page(role_pages.preview, methods=BOTH), name="role_preview"),
    path("roles/<int:pk>/reset/", page(role_pages.reset, methods=("POST",)), name="role_reset"),
    path("roles/<int:pk>/copy/", page(role_pages.duplicate, methods=("POST",)), name="role_copy"),
    path("roles/<int:pk>/compare/", page(role_pages.compare), name="role_compare"),
    path("why/", page(why_page.why), name="why"),
    path("deputies/", page(deputies_page.deputies, methods=BOTH), name="deputies"),
    path("deputies/<int:pk>/end/", page(deputies_page.end, methods=("POST",)), name="deputy_end"),
    path("people/<int:pk>/roles/", page(pages.roles, methods=("POST",)), name="roles"),
]

urlpatterns = [
    path("welcome/<str:token>/", welcome, name="welcome"),
    path("me/", page(pages.me, methods=BOTH), name="me"),
    path("org/", include((chart, "org"))),
    path("people/new/", page(pages.new_person, methods=BOTH), name="join"),
]
