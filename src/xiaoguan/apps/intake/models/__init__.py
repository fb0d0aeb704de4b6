"""Sources of files, and the files that came from them."""

from xiaoguan.apps.intake.models.arrival import Arrival
from xiaoguan.apps.intake.models.source import Place, Rhythm, Source, SourceSecret

__all__ = ["Arrival", "Place", "Rhythm", "Source", "SourceSecret"]
