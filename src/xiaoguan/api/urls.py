"""Addresses under /api/v1/: the same few for every entity, the description of them all, and the pages about tokens."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from xiaoguan.api import pages, routes
from xiaoguan.api.models import Token
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.pages.answers import page


def of_entity(entity: Entity) -> list[URLPattern]:
    """The addresses of one entity, named `<slug>-all`, `<slug>-one` …"""
    slug = entity.slug

    def at(route: str, name: str, **handlers: routes.Handler) -> URLPattern:
        return path(f"{slug}{route}", routes.endpoint(entity, handlers), name=f"{slug}-{name}")

    return [
        at("", "all", GET=routes.listed, POST=routes.created),
        at("/bulk", "bulk", POST=routes.many),
        at("/<int:pk>", "one", GET=routes.one, PATCH=routes.changed, DELETE=routes.removed),
        at("/<int:pk>/restore", "restore", POST=routes.restored),
        at("/<int:pk>/actions/<slug:name>", "act", POST=routes.acted),
    ]


resources: list[URLPattern | URLResolver] = [
    path("openapi.json", pages.document, name="document"),
    path("docs", RedirectView.as_view(pattern_name="api:docs"), name="docs_bare"),
    path("docs/", page(pages.docs), name="docs"),
    # A token that makes tokens would outlive its own end.
    *(each for entity in entities.values() if entity.model is not Token for each in of_entity(entity)),
    path("<path:rest>", routes.nowhere, name="nowhere"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include((resources, "api"))),
    path("tokens/new/", page(pages.new_token, methods=("GET", "POST")), name="api_token_new"),
]
