"""Addresses of leads, in front of the kit's, and the public forms."""

from django.urls import include, path

from xiaoguan.apps.leads import pages, webform
from xiaoguan.apps.leads.models import Lead
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

POSTED = ("GET", "POST")
own = [
    path("leads/new/", page(pages.new, Entity.of(Lead), methods=POSTED), name="new"),
    path("leads/answers/", page(pages.response), name="response"),
    path("leads/<int:pk>/do/qualify/", page(pages.ask, methods=POSTED), name="qualify"),
    path("leads/<int:pk>/do/convert/", page(pages.make_customer, methods=POSTED), name="convert"),
]
public = [
    path("f/<str:token>/", webform.show, name="show"),
    path("lead-forms/<int:pk>/address/", page(webform.fresh_address, methods=("POST",)), name="fresh_address"),
]
urlpatterns = [path("", include((own, "lead_pages"))), path("", include((public, "lead_form")))]
