"""Addresses of homes and dashboards."""

from django.urls import include, path

from xiaoguan.apps.insight import explorer, pages, quality
from xiaoguan.kit.pages.answers import page

named = (
    [
        path("homes/people/", page(pages.members), name="members"),
        path("homes/people/<int:pk>/", page(pages.person), name="person"),
        path("homes/teams/<int:pk>/", page(pages.team), name="team"),
        path("insight/pivot/", page(pages.pivot), name="pivot"),
        path("quality/", page(quality.page), name="quality"),
        path("metrics/", page(explorer.index), name="metrics"),
        path("metrics/<slug:code>/", page(explorer.metric), name="metric"),
        path("insight/pivot/file/", page(pages.pivot_file), name="pivot_file"),
    ],
    "insight",
)
urlpatterns = [path("", page(pages.home), name="home"), path("", include(named))]
