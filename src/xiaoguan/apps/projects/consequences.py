"""What a saved project brings about in the same transaction: the pairs of characters it is found by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xiaoguan.apps.projects.models import Project, ProjectGram
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.lexicon import projects

CHUNK = 1000


@consequence(Project)
def keep_grams(_work: Work, rows: Sequence[Project], fresh: bool) -> None:
    """A name that is new or changed is found by its new pairs; what is in the bin is not found."""
    watched = {"core", "deleted_at"}
    store(row for row in rows if fresh or watched & set(row.changed_fields()))


def store(rows: Iterable[Project]) -> None:
    """Write the pairs of some projects anew."""
    touched = list(rows)
    ProjectGram.objects.filter(project__in=[row.pk for row in touched]).delete()
    ProjectGram.objects.bulk_create(
        (
            ProjectGram(project_id=row.pk, gram=gram)
            for row in touched
            if row.deleted_at is None
            for gram in sorted(projects.grams(row.core))
        ),
        batch_size=CHUNK,
    )
