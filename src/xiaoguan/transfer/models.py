"""Imports: the file and the decisions, what became of every row, and mappings remembered for next time."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.fields import uuid7


class SavedRecipe(models.Model):
    """Decisions about a kind of file under a name, for its owner or for everybody who may import the entity."""

    entity = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    options = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "entity", "name"], name="transfer_savedrecipe_once")]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One file on its way into one entity.

    `options` are the person's decisions, `preview` what the plan found, `counts` what has been
    done so far: rows = created + updated + unchanged + skipped + errors at every moment. `source` names
    what brought the file where no person did.
    """

    class State(models.TextChoices):
        """How far it has come."""

        CHOSEN = "chosen", _("File chosen")
        PLANNING = "planning", _("Being checked")
        PLANNED = "planned", _("Checked")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        REVERTED = "reverted", _("Taken back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entity = models.CharField(max_length=60)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=255)
    name = models.CharField(max_length=255)
    recipe = models.ForeignKey(SavedRecipe, models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHOSEN)
    options = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    preview = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    counts = models.JSONField(default=dict)
    job = models.ForeignKey("kit.Job", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor", "-created_at"], name="transfer_import_mine")]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """What became of one row of the file; raw cells are kept only where somebody must look at them."""

    class Result(models.TextChoices):
        """The five ways a row can end."""

        CREATED = "created", _("Created")
        UPDATED = "updated", _("Updated")
        UNCHANGED = "unchanged", _("Unchanged")
        SKIPPED = "skipped", _("Skipped")
        ERROR = "error", _("Not imported")

    batch = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    result = models.CharField(max_length=10, choices=Result.choices)
    object_id = models.BigIntegerField(null=True)
    change = models.ForeignKey("kit.Change", models.SET_NULL, null=True, related_name="+")
    raw = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    messages = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="transfer_importrow_once")]
        indexes = [models.Index(fields=["batch", "result", "number"], name="transfer_importrow_result")]

    def __str__(self) -> str:
        return f"{self.number} {self.result}"


class ImportRecipe(models.Model):
    """How a sheet with these headers was mapped last time; `signature` is a hash of its header names."""

    entity = models.CharField(max_length=60)
    signature = models.CharField(max_length=64)
    options = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    used_at = models.DateTimeField()
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "signature"], name="transfer_importrecipe_once")]

    def __str__(self) -> str:
        return f"{self.entity} {self.signature[:8]}"


class Export(models.Model):
    """A file of a list that is, or was, made by a job for one person; `rights` is what its maker could reach then."""

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("Being written")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        GONE = "gone", _("Expired")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entity = models.CharField(max_length=60)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    form = models.CharField(max_length=4)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    file = models.FileField(upload_to="exports/", max_length=255, blank=True)
    rows = models.PositiveIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True)
    shown = models.JSONField(default=list)
    rights = models.JSONField(default=dict)
    job = models.ForeignKey("kit.Job", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "-created_at"], name="transfer_export_mine"),
            models.Index(fields=["expires_at"], name="transfer_export_old"),
        ]

    def __str__(self) -> str:
        return self.name
