"""Addresses of the import wizard and of what was exported."""

from __future__ import annotations

from django.urls import include, path

from xiaoguan.kit.pages.answers import page
from xiaoguan.transfer import export_pages, pages, recipe_pages, revert

BOTH = ("GET", "POST")
wizard = [
    path("", page(pages.start, methods=BOTH), name="start"),
    path("recipes/", page(recipe_pages.recipes, methods=BOTH), name="recipes"),
    path("recipes/<int:pk>/", page(recipe_pages.change, methods=("POST",)), name="recipe"),
    path("recipes/<int:pk>/file/", page(recipe_pages.as_file), name="recipe_file"),
    path("<uuid:pk>/", page(pages.show), name="show"),
    path("<uuid:pk>/recipe/", page(recipe_pages.keep, methods=("POST",)), name="keep"),
    path("<uuid:pk>/header/", page(pages.header, methods=BOTH), name="header"),
    path("<uuid:pk>/map/", page(pages.mapping, methods=BOTH), name="map"),
    path("<uuid:pk>/run/", page(pages.run, methods=("POST",)), name="run"),
    path("<uuid:pk>/problems/", page(pages.bad_rows), name="problems"),
    path("<uuid:pk>/links/", page(pages.hand_out, methods=("POST",)), name="links"),
    path("<uuid:pk>/revert/", page(revert.page, methods=("POST",)), name="revert"),
]
out = [
    path("", page(export_pages.exports), name="list"),
    path("<uuid:pk>/", page(export_pages.part), name="part"),
    path("<uuid:pk>/file/", page(export_pages.fetch), name="file"),
    path("<uuid:pk>/delete/", page(export_pages.delete, methods=("POST",)), name="delete"),
]
urlpatterns = [path("import/", include((wizard, "import"))), path("exports/", include((out, "exports")))]
