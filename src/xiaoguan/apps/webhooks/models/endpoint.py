"""A place in another system that hears of changes."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import outbound
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Endpoint(Record):
    """An address, what it wants to hear, and how it has been doing.

    `topics` maps an entity to the events it wants: created, updated, deleted, or names of verbs. What a
    payload says of a record is what `reader` may see. A run of failures (`failures`, since `failing_since`)
    makes the next try wait for `next_try`; a long one pauses the endpoint.
    """

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=400, help_text=_("Where each change is posted to, by https."))
    description = models.CharField(_("description"), max_length=200, blank=True)
    active = models.BooleanField(_("active"), default=True)
    topics = models.JSONField(_("hears of"), default=dict, editable=False)
    format = models.PositiveSmallIntegerField(_("payload version"), default=1, editable=False)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("with the rights of"),
    )  # fmt: skip
    paused_at = models.DateTimeField(_("paused since"), null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    next_try = models.DateTimeField(null=True, editable=False)

    owner_defaults = False

    entity = Entity(
        slug="webhooks",
        icon="world",
        nav="settings",
        scope="all",
        list="name url active paused_at failing_since reader",
        form="name url | active description",
        filter="active reader",
        find="name url description",
        sort="name",
        subtitle="url",
    )

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Whoever sets it up lends it his eyes."""
        self.url = self.url.strip()
        if self.reader_id is None:
            self.reader_id = self.created_by_id

    def clean(self) -> None:
        """Refuse an address that would not be called."""
        try:
            outbound.check(self.url)
        except outbound.Unreachable as problem:
            raise ValidationError({"url": str(problem)}) from problem

    @property
    def open(self) -> bool:
        """Whether it is called at all now."""
        return self.active and self.paused_at is None and self.deleted_at is None


class Secret(models.Model):
    """What signs the calls; shown once. While two are valid, a call carries both signatures."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="secrets")
    value = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.created_at:%Y-%m-%d}"
