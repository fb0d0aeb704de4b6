"""Addresses of entering a project and of conflicts, in front of the kit's."""

from django.urls import path

from xiaoguan.apps.projects import pages
from xiaoguan.apps.projects.models import Conflict, Project
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.pages.answers import page

app_name = "building_sites"
urlpatterns = [
    path("projects/new/", page(pages.new, Entity.of(Project), methods=("GET", "POST")), name="new"),
    path("projects/alike/", page(pages.alike), name="alike"),
    path("registration-conflicts/<int:pk>/", page(pages.conflict, Entity.of(Conflict)), name="conflict"),
]
