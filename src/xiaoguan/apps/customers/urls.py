"""Addresses of entering a customer, in front of the kit's, and of its people for programs."""

from django.urls import include, path

from xiaoguan.api.routes import endpoint
from xiaoguan.apps.customers import api, pages, places
from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

twins = [
    path("customers/new/", page(pages.new, Entity.of(Customer), methods=("GET", "POST")), name="new"),
    path("customers/alike/", page(pages.alike), name="alike"),
    path("customers/places/", page(places.near), name="places"),
]
programs = [
    path(
        f"customers/<int:pk>/{api.ROUTE}",
        endpoint(Entity.of(Customer), {"GET": api.people_map}),
        name="customers-people_map",
    ),
]
urlpatterns = [path("", include((twins, "twins"))), path("api/v1/", include((programs, "beside")))]
