"""What is asked before a lead counts as qualified."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

MOST = 1000


class QuestionKind(models.TextChoices):
    """What an answer looks like."""

    YESNO = "yesno", _("Yes or no")
    CHOICE = "choice", _("One of several")
    TEXT = "text", _("Words")


class Question(Record):
    """One question; points for a yes, for a choice, or for any words at all."""

    text = models.CharField(_("question"), max_length=160)
    kind = models.CharField(_("kind"), max_length=6, choices=QuestionKind.choices, default=QuestionKind.YESNO)
    points = models.PositiveSmallIntegerField(
        _("points"), default=10, help_text=_("For yes, or for any answer in words; choices have their own.")
    )
    options = models.TextField(
        _("choices"), blank=True, help_text=_("One a line with its points behind =, such as: this year = 20")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=10)
    active = models.BooleanField(_("in use"), default=True)

    entity = Entity(
        slug="lead-questions",
        icon="help",
        nav="settings",
        scope="all",
        list="text kind points position active",
        form="text kind points options | position active",
        filter="kind active",
        find="text",
        key="text",
        sort="position",
    )

    class Meta:
        verbose_name = _("qualification question")
        verbose_name_plural = _("qualification questions")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.text

    def choices(self) -> list[tuple[str, int]]:
        """The choices with their points, in the order they were written."""
        found = []
        for line in self.options.splitlines():
            label, mark, points = line.rpartition("=")
            if line.strip():
                found.append((label.strip(), int(points)) if mark and points.strip().isdecimal() else (line.strip(), 0))
        return found

    def best(self) -> int:
        """The most points an answer can bring."""
        if self.kind == QuestionKind.CHOICE:
            return max([points for _label, points in self.choices()], default=0)
        return self.points

    def worth(self, answer: str) -> int:
        """The points of an answer; a choice that is no more there brings none."""
        if self.kind == QuestionKind.CHOICE:
            return dict(self.choices()).get(answer, 0)
        return self.points if answer.strip() and answer != "no" else 0

    def clean(self) -> None:
        """A choice needs something to choose from, and points have a measure."""
        if self.kind == QuestionKind.CHOICE and len(self.choices()) < 2:
            raise ValidationError({"options": _("Write at least two choices, one a line.")})
        if self.best() > MOST:
            raise ValidationError({"points": _("A question brings at most 1,000 points.")})
