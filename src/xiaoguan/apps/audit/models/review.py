"""A periodic review of who may what: lines to keep or take away, and a document once it is finished."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.record import Record


class Kind(models.TextChoices):
    """What a line is about."""

    ROLE = "role", _("Role")
    DEPUTY = "deputy", _("Stand-in")
    COLLABORATOR = "share", _("Shared record")


class Decision(models.TextChoices):
    """What the reviewer says."""

    OPEN = "", _("Undecided")
    KEEP = "keep", _("Keep")
    REMOVE = "remove", _("Take away")


class Review(Record):
    """One review; finished it is locked, and its digest covers every line and the review before it."""

    name = models.CharField(_("name"), max_length=80)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    previous = models.CharField(max_length=64, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("access review")
        verbose_name_plural = _("access reviews")

    def __str__(self) -> str:
        return self.name


class ReviewLine(Record):
    """One right of one person with the facts of the day the review began, and what was decided."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    subject_id = models.BigIntegerField()
    subject = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
    decision = models.CharField(
        _("decision"), max_length=6, choices=Decision.choices, default=Decision.OPEN, blank=True
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("line of an access review")
        verbose_name_plural = _("lines of an access review")
        indexes = [models.Index(fields=["review", "person"], name="audit_line_review")]

    def __str__(self) -> str:
        return f"{self.person} · {self.subject}"
