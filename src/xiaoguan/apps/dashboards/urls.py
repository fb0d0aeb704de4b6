"""Addresses of the leaderboard, of dashboards (in front of the kit's) and of walls."""

from django.urls import path

from xiaoguan.apps.dashboards import board_pages, pages, tile_page, wall_pages
from xiaoguan.kit.pages.answers import page

app_name = "boards"
POST, POSTED = ("POST",), ("GET", "POST")
urlpatterns = [
    path("leaderboard/", page(pages.leaderboard), name="leaderboard"),
    path("boards/", page(board_pages.index), name="index"),
    path("dashboards/<int:pk>/", page(board_pages.show), name="show"),
    path("dashboards/<int:pk>/layout/", page(board_pages.layout, methods=POST), name="layout"),
    path("dashboards/<int:pk>/copy/", page(board_pages.copy, methods=POST), name="copy"),
    path("dashboards/<int:pk>/tile/", page(tile_page.tile, methods=POSTED), name="tile"),
    path("dashboards/<int:pk>/file/", page(board_pages.file), name="file"),
    path("dashboards/<int:pk>/wall/", page(wall_pages.links, methods=POSTED), name="links"),
    path("wall/<int:pk>/", page(wall_pages.wall), name="wall"),
    path("wall/links/<int:pk>/end/", page(wall_pages.end, methods=POST), name="end"),
    path("wall/link/<str:key>/", wall_pages.linked, name="linked"),
]
