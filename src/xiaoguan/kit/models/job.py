"""Background work: jobs with a lease and a cursor, and the schedules that start them."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One piece of background work.

    A worker owns a running job while `holder` carries its token and `lease_until` lies ahead; both are
    checked in every transaction that writes for the job. `attempts` counts claims since the last progress.
    """

    class State(models.TextChoices):
        """Where a job stands."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Lane(models.TextChoices):
        """Slow jobs never keep quick ones waiting: a worker keeps one thread for the quick lane alone."""

        QUICK = "quick", _("Quick")
        SLOW = "slow", _("Slow")

    ACTIVE = (State.QUEUED, State.RUNNING)

    kind = models.CharField(_("kind"), max_length=80)
    key = models.CharField(max_length=200, null=True)
    lane = models.CharField(max_length=5, choices=Lane, default=Lane.QUICK)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    run_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    holder = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    again = models.BooleanField(default=False)
    cursor = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    progress = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    error = models.TextField(_("error"), blank=True)
    trace = models.TextField(blank=True)
    created_at = models.DateTimeField(_("created at"))
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(state__in=["queued", "running"]), name="kit_job_key_while_active"
            )
        ]
        indexes = [
            models.Index(fields=["state", "run_after"], name="kit_job_due"),
            models.Index(fields=["actor", "-id"], name="kit_job_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in self.ACTIVE

    @property
    def percent(self) -> int | None:
        """Whole per cent done; None while the total is unknown."""
        if self.state == self.State.DONE:
            return 100
        if not self.total:
            return None
        return min(100, self.progress * 100 // self.total)


class Schedule(models.Model):
    """When a kind of job starts by itself; `own_cron` is what an administrator set instead of the declared one."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=80)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    cron = models.CharField(max_length=80)
    own_cron = models.CharField(max_length=80, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    next_run = models.DateTimeField()
    last_run = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        indexes = [models.Index(fields=["enabled", "next_run"], name="kit_schedule_due")]

    def __str__(self) -> str:
        return self.name
