"""Construction projects, the companies in them, who has registered them, and conflicts about that."""

from xiaoguan.apps.projects.models.conflict import WAITING, Case, Conflict, Ruling, Side, Statement
from xiaoguan.apps.projects.models.gram import ProjectGram
from xiaoguan.apps.projects.models.participant import Part, Participant
from xiaoguan.apps.projects.models.project import Phase, Project, Use
from xiaoguan.apps.projects.models.protection import Protection
from xiaoguan.apps.projects.models.registration import ACTIVE, Registration, Standing

__all__ = [
    "ACTIVE", "WAITING", "Case", "Conflict", "Part", "Participant", "Phase", "Project", "ProjectGram", "Protection",
    "Registration", "Ruling", "Side", "Standing", "Statement", "Use",
]  # fmt: skip
