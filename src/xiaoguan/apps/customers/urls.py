"""Addresses of entering a customer, in front of the kit's."""

from django.urls import path

from xiaoguan.apps.customers import pages, pairs_page
from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

app_name = "twins"
urlpatterns = [
    path("customers/new/", page(pages.new, Entity.of(Customer), methods=("GET", "POST")), name="new"),
    path("customers/alike/", page(pages.alike), name="alike"),
    path("customers/duplicates/", page(pairs_page.page), name="pairs"),
    path("customers/duplicates/look/", page(pairs_page.look, methods=("POST",)), name="look"),
    path("customers/duplicates/decide/", page(pairs_page.decide, methods=("POST",)), name="decide"),
]
