"""What finds projects whose names are written alike."""

from __future__ import annotations

from django.db import models

from xiaoguan.apps.projects.models.project import Project


class ProjectGram(models.Model):
    """One pair of characters in the name of a project; a search counts how many a name shares with others."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    gram = models.CharField(max_length=2)

    class Meta:
        indexes = [models.Index(fields=["gram", "project"], name="projects_gram_finds")]

    def __str__(self) -> str:
        return self.gram
