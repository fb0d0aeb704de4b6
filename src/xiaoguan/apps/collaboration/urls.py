"""Addresses of what people add to records."""

from __future__ import annotations

from django.urls import include, path

from xiaoguan.apps.collaboration import api, pages, tags_panel, talk
from xiaoguan.kit.pages.answers import page

POST, BOTH = ("POST",), ("GET", "POST")
own = [
    path("<slug:slug>/<int:pk>/files/", page(pages.files, methods=POST), name="files"),
    path("<slug:slug>/<int:pk>/comments/", page(talk.comments, methods=BOTH), name="comments"),
    path("<slug:slug>/<int:pk>/people/", page(talk.people), name="people"),
    path("<slug:slug>/<int:pk>/tags/", page(tags_panel.tags, methods=BOTH), name="tags"),
    path("comment/<int:pk>/edit/", page(talk.edit, methods=BOTH), name="edit"),
    path("comment/<int:pk>/delete/", page(talk.delete, methods=POST), name="delete"),
    path("file/<int:pk>/", page(pages.look), name="file"),
    path("file/<int:pk>/remove/", page(pages.detach, methods=POST), name="detach"),
]

urlpatterns = [path("with/", include((own, "collaboration"))), path("api/v1/", include((api.addresses(), "below")))]
