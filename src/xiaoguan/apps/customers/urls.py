"""Addresses of entering a customer and of its people, in front of the kit's."""

from django.urls import path

from xiaoguan.apps.customers import pages, places
from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

app_name = "twins"
urlpatterns = [
    path("customers/new/", page(pages.new, Entity.of(Customer), methods=("GET", "POST")), name="new"),
    path("customers/alike/", page(pages.alike), name="alike"),
    path("customers/places/", page(places.near), name="places"),
]
