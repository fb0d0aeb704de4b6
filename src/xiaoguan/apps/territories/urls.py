"""Addresses of the map and of cutting anew, in front of the kit's."""

from django.urls import path

from xiaoguan.apps.territories import pages
from xiaoguan.kit.pages.answers import page

app_name = "market"
urlpatterns = [
    path("territories/map/", page(pages.market), name="map"),
    path("territories/recut/", page(pages.recut, methods=("GET", "POST")), name="recut"),
    path("territories/recut/<int:pk>/drop/", page(pages.drop, methods=("POST",)), name="drop"),
]
