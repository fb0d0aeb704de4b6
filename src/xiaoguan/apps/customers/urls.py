"""Addresses of entering a customer, in front of the kit's, and of its people for programs."""

from django.urls import include, path

from xiaoguan.api.routes import endpoint
from xiaoguan.apps.customers import api, pages, pairs_page, places
from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

twins = [
    path("customers/new/", page(pages.new, Entity.of(Customer), methods=("GET", "POST")), name="new"),
    path("customers/alike/", page(pages.alike), name="alike"),
    path("customers/places/", page(places.near), name="places"),
    path("customers/duplicates/", page(pairs_page.page), name="pairs"),
    path("customers/duplicates/look/", page(pairs_page.look, methods=("POST",)), name="look"),
    path("customers/duplicates/decide/", page(pairs_page.decide, methods=("POST",)), name="decide"),
]
programs = [
    path("customers/duplicates", endpoint(Entity.of(Customer), {"GET": api.duplicates}), name="customers-duplicates"),
    path(
        f"customers/<int:pk>/{api.ROUTE}",
        endpoint(Entity.of(Customer), {"GET": api.people_map}),
        name="customers-people_map",
    ),
]
urlpatterns = [path("", include((twins, "twins"))), path("api/v1/", include((programs, "beside")))]
