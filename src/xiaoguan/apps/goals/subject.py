"""Whose target it is: the company, a territory, a team, a person, a customer or a product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xiaoguan.apps.goals.models.target import ONE_OF, Level, subject_key


@dataclass(frozen=True, order=True)
class Subject:
    """Whose target: the company, a territory, a team, a person, a customer or a product."""

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
        named = {f"{level}_id": self.pk if self.level == level else None for level in ONE_OF}
        return {"level": self.level, **named}


COMPANY = Subject(Level.COMPANY.value)
