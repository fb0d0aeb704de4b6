"""Addresses of merging, in front of the kit's."""

from __future__ import annotations

from django.urls import URLPattern, include, path

from xiaoguan.apps.merging import actions, declaring, duplicates, pages
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")


def _of_entities() -> list[URLPattern]:
    """Where the kit would ask for ids: people choose records."""
    found = []
    for each in declaring.known.values():
        entity = each.entity
        slug, name = entity.slug, actions.NAME
        found.append(path(f"{slug}/{name}/", page(pages.compare, entity, methods=BOTH), name=f"compare_{slug}"))
        found.append(path(f"{slug}/<int:pk>/do/{name}/", page(pages.pick, entity, methods=BOTH), name=f"pick_{slug}"))
        if each.rules:
            where = f"{slug}/duplicates/"
            found.append(path(where, page(duplicates.page, entity), name=f"duplicates_{slug}"))
            decide = page(duplicates.decide, entity, methods=("POST",))
            found.append(path(f"{where}decide/", decide, name=f"decide_{slug}"))
        found.append(path(f"{slug}/bulk/{name}/", page(pages.chosen, entity, methods=("POST",)), name=f"chosen_{slug}"))
    return found


own = [
    path("merges/<int:pk>/", page(pages.done), name="done"),
    *_of_entities(),
]

urlpatterns = [path("", include((own, "merging")))]
