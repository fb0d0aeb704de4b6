"""Addresses of a deal's team and parties, in front of the kit's, and of its proofs for programs."""

from django.urls import include, path

from xiaoguan.api.routes import endpoint
from xiaoguan.apps.opportunities import api, pages
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")
own = [
    path("deals/<int:pk>/team/", page(pages.team, methods=BOTH), name="team"),
    path("deals/<int:pk>/parties/", page(pages.parties, methods=BOTH), name="parties"),
]
programs = [
    path(f"deals/<int:pk>/{api.ROUTE}", endpoint(Entity.of(Deal), {"GET": api.proofs}), name="deals-proofs"),
]
urlpatterns = [
    path("", include((own, "opportunities"))),
    path("api/v1/", include((programs, "of_deals"))),
]
