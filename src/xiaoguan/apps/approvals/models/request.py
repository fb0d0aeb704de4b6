"""A request for approval: what is to be approved, frozen; who decides; what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.approvals.models.route import Mode, Route
from xiaoguan.kit.record import Record


class State(models.TextChoices):
    """Where a request stands; all but the first are final."""

    PENDING = "pending", _("waiting for approval")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    RETURNED = "returned", _("returned")
    WITHDRAWN = "withdrawn", _("withdrawn")
    OUTDATED = "outdated", _("outdated")


class Verdict(models.TextChoices):
    """What became of one person's place in a step; `passed`: the step ended without him."""

    OPEN = "", _("undecided")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    RETURNED = "returned", _("returned")
    DELEGATED = "delegated", _("delegated")
    PASSED = "passed", _("not needed any more")


class Event(models.TextChoices):
    """What the trail tells."""

    ASKED = "asked", _("asked for approval")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    RETURNED = "returned", _("returned to who asked")
    BACK = "back", _("sent back to an earlier step")
    DELEGATED = "delegated", _("delegated")
    WITHDRAWN = "withdrawn", _("withdrew the request")
    OUTDATED = "outdated", _("changed the record, so the request is outdated")
    REMINDED = "reminded", _("reminded")
    REPLACED = "replaced", _("took the place of somebody who has left")
    CARRIED = "carried", _("the change was carried out")
    FAILED = "failed", _("the change could not be carried out")


class Request(Record):
    """One request; its owner is who asks. Title, snapshot, digest, measures and plan never change once made.

    `plan` is the route as it was when asked: a list of {"who", "mode", "days", "people": [ids]}; `step` is the
    place in it that decides now, `turn` counts how often an earlier step was asked again. `write` is the parked
    write {"action", "values"} that is carried out on approval; None where the record itself is approved.
    """

    kind = models.CharField(max_length=60, editable=False)
    about = models.CharField(max_length=60, editable=False)
    object_id = models.BigIntegerField(editable=False)
    about_version = models.PositiveIntegerField(editable=False)
    title = models.CharField(max_length=200, editable=False)
    snapshot = models.JSONField(default=dict, blank=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    measures = models.JSONField(default=dict, blank=True, editable=False)
    note = models.TextField(_("note"), blank=True, editable=False)
    route = models.ForeignKey(Route, models.PROTECT, related_name="+", null=True, editable=False, db_index=False)
    plan = models.JSONField(default=list, blank=True, editable=False)
    write = models.JSONField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING, editable=False)
    step = models.PositiveSmallIntegerField(default=0, editable=False)
    turn = models.PositiveSmallIntegerField(default=0, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("request for approval")
        verbose_name_plural = _("requests for approval")
        indexes = [
            models.Index(fields=["about", "object_id", "-id"], name="approvals_request_subject"),
            models.Index(fields=["owner", "-id"], name="approvals_request_mine"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about", "object_id"], condition=Q(state="pending", write__isnull=True),
                name="approvals_request_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def pending(self) -> bool:
        """Whether it is still to be decided."""
        return self.state == State.PENDING


class Seat(Record):
    """One person's place in one step of a request; an open seat is what stands in his inbox."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="seats", editable=False)
    step = models.PositiveSmallIntegerField(editable=False)
    turn = models.PositiveSmallIntegerField(editable=False)
    mode = models.CharField(max_length=3, choices=Mode.choices, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False, db_index=False
    )
    """Who delegated it to this person."""
    verdict = models.CharField(max_length=9, choices=Verdict.choices, default=Verdict.OPEN, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False, db_index=False
    )
    """Who gave the verdict: the person himself or his stand-in."""
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("seat in an approval")
        verbose_name_plural = _("seats in an approval")
        indexes = [
            models.Index(fields=["person", "-id"], condition=Q(verdict=""), name="approvals_seat_open"),
            models.Index(fields=["decided_by", "-decided_at"], name="approvals_seat_decided"),
            models.Index(fields=["due_at"], condition=Q(verdict=""), name="approvals_seat_due"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.request}"


class Trail(Record):
    """One thing that happened to a request; only ever added."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="trail", editable=False)
    at = models.DateTimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    instead_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False, db_index=False
    )
    """For whom a stand-in decided."""
    other = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False, db_index=False
    )
    """To whom it was delegated, who was reminded, whose place was taken."""
    event = models.CharField(max_length=9, choices=Event.choices)
    step = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("entry of an approval's trail")
        verbose_name_plural = _("trail of an approval")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.person} {self.get_event_display()}"
