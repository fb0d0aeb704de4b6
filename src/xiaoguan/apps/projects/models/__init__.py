"""Construction projects and the companies in them."""

from xiaoguan.apps.projects.models.gram import ProjectGram
from xiaoguan.apps.projects.models.participant import Part, Participant
from xiaoguan.apps.projects.models.project import Phase, Project, Use

__all__ = ["Part", "Participant", "Phase", "Project", "ProjectGram", "Use"]
