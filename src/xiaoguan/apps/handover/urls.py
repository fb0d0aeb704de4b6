"""Addresses of handing over, in front of the kit's."""

from django.urls import path

from xiaoguan.apps.handover import pages
from xiaoguan.apps.handover.models import Handover
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")

app_name = "handing"
urlpatterns = [
    path("people/<int:pk>/hand-over/", page(pages.start, methods=BOTH), name="start"),
    path("handovers/<int:pk>/", page(pages.handover, Entity.of(Handover)), name="handover"),
    path("handovers/sheets/<int:pk>/sign/", page(pages.sign, methods=("POST",)), name="sign"),
]
