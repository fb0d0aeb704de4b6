"""The page of what goes to the pool."""

from django.urls import path

from xiaoguan.apps.pools import pages
from xiaoguan.kit.pages.answers import page

app_name = "public_pool"
urlpatterns = [path("customers/to-the-pool/", page(pages.tonight), name="tonight")]
