"""Whose target it is: the company, a territory, a team or a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xiaoguan.apps.goals.models.target import Level, subject_key


@dataclass(frozen=True, order=True)
class Subject:
    """Whose target: the company, a territory, a team or a person."""

    level: str
    pk: int | None = None

    @property
    def key(self) -> str:
        """The text under which targets of this subject are stored."""
        return subject_key(self.level, self.pk)

    @classmethod
    def parse(cls, key: str) -> Subject:
        """Read a key back; ValueError on anything else."""
        level, _mark, number = key.partition(":")
        return cls(Level(level).value, int(number) if number else None)

    def values(self) -> dict[str, Any]:
        """The fields of a target that name this subject."""
        return {
            "level": self.level,
            "team_id": self.pk if self.level == Level.TEAM else None,
            "person_id": self.pk if self.level == Level.PERSON else None,
            "territory_id": self.pk if self.level == Level.TERRITORY else None,
        }


COMPANY = Subject(Level.COMPANY.value)
