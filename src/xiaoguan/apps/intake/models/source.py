"""Where files come from, how they are read, and when somebody looks."""

from __future__ import annotations

import datetime as dt

from croniter import croniter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.intake import folders
from xiaoguan.kit import clock, outbound, schedule
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import KitError
from xiaoguan.kit.record import Record
from xiaoguan.transfer.models import SavedRecipe


class Place(models.TextChoices):
    """Where the files are."""

    FOLDER = "folder", _("A folder of the server")
    WEB = "web", _("A web address")


class Rhythm(models.TextChoices):
    """When somebody looks."""

    QUARTER = "quarter", _("Every quarter of an hour")
    HOUR = "hour", _("Every hour")
    DAY = "day", _("Every day")
    WORKDAYS = "workdays", _("Monday to Friday")
    WEEK = "week", _("Every Monday")
    OWN = "own", _("By a cron line of one's own")


LINES = {
    Rhythm.QUARTER: "*/15 * * * *",
    Rhythm.HOUR: "{minute} * * * *",
    Rhythm.DAY: "{minute} {hour} * * *",
    Rhythm.WORKDAYS: "{minute} {hour} * * 1-5",
    Rhythm.WEEK: "{minute} {hour} * * 1",
}


def importable() -> list[tuple[str, str]]:
    """The kinds of records that files can hold."""
    return [(each.name, each.plural) for each in entities.values() if each.declared("form")]


class Source(Record):
    """A folder or an address, read as `person` with his rights of the moment, by a recipe.

    A trouble that needs somebody (`trouble`) pauses the source: the person has left, lost the right, the
    folder is gone. `etag`, `modified` and `digest` tell a file at an address that was read already.
    """

    name = models.CharField(_("name"), max_length=80)
    about = models.CharField(_("what the files hold"), max_length=60, choices=importable)
    place = models.CharField(_("where from"), max_length=6, choices=Place.choices, default=Place.FOLDER)
    folder = models.CharField(
        _("folder"), max_length=200, blank=True, help_text=_("Below the folder that the installation has set aside.")
    )
    pattern = models.CharField(
        _("file names"), max_length=80, blank=True, help_text=_("Such as deals-*.xlsx; empty takes every table.")
    )
    url = models.URLField(_("address"), max_length=400, blank=True, help_text=_("Of the file itself, by https."))
    rhythm = models.CharField(_("how often"), max_length=8, choices=Rhythm.choices, default=Rhythm.DAY)
    at = models.TimeField(_("time of day"), default=dt.time(7, 0))
    cron = models.CharField(_("cron line"), max_length=60, blank=True, help_text=_("Such as 30 7,19 * * *."))
    recipe = models.ForeignKey(
        SavedRecipe, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("recipe")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("in the name of"),
    )  # fmt: skip
    paused_at = models.DateTimeField(_("paused since"), null=True, editable=False)
    trouble = models.CharField(max_length=300, blank=True, editable=False)
    next_run = models.DateTimeField(_("next run"), null=True, editable=False)
    last_run = models.DateTimeField(_("last run"), null=True, editable=False)
    outcome = models.CharField(_("last result"), max_length=300, blank=True, editable=False)
    etag = models.CharField(max_length=200, blank=True, editable=False)
    modified = models.CharField(max_length=80, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    owner_defaults = False

    entity = Entity(
        slug="scheduled-imports",
        icon="clock-play",
        nav="settings",
        scope="all",
        list="name about place next_run last_run outcome paused_at person",
        form="name about place folder pattern url | rhythm at cron",
        filter="about place person",
        find="name folder url",
        sort="name",
        subtitle="about place",
    )

    class Meta:
        verbose_name = _("scheduled import")
        verbose_name_plural = _("scheduled imports")
        indexes = [models.Index(fields=["next_run"], name="intake_source_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def line(self) -> str:
        """The cron line, read on the company's wall clock."""
        if self.rhythm == Rhythm.OWN:
            return self.cron
        return LINES[Rhythm(self.rhythm)].format(minute=self.at.minute, hour=self.at.hour)

    def prepare(self) -> None:
        """Whoever sets it up lends it his name; a changed time counts from now on."""
        self.url, self.folder, self.cron = self.url.strip(), self.folder.strip().strip("/"), " ".join(self.cron.split())
        if self.person_id is None:
            self.person_id = self.created_by_id
        loaded = getattr(self, "_loaded", {})
        changed = any(loaded.get(name) != getattr(self, name) for name in ("rhythm", "at", "cron"))
        if (changed or self.next_run is None) and croniter.is_valid(self.line):
            self.next_run = schedule.following(self.line, clock.machine_now())
        if loaded and (loaded.get("url"), loaded.get("about")) != (self.url, self.about):
            self.etag = self.modified = self.digest = ""

    def clean(self) -> None:
        """Refuse a place nobody can look at and a time nobody can read."""
        if self.rhythm == Rhythm.OWN and not croniter.is_valid(self.cron):
            raise ValidationError({"cron": _("This is no cron line: minute, hour, day, month, day of the week.")})
        try:
            if self.place == Place.FOLDER:
                folders.inbox(self.folder)
            else:
                outbound.check(self.url)
        except KitError as problem:
            field = "folder" if self.place == Place.FOLDER else "url"
            raise ValidationError({field: str(problem)}) from problem


class SourceSecret(models.Model):
    """What an address asks for, encrypted: a bearer token, or a password where there is a user name."""

    source = models.OneToOneField(Source, models.CASCADE, primary_key=True, related_name="secret")
    user = models.CharField(max_length=80, blank=True)
    value = models.TextField()

    def __str__(self) -> str:
        return str(self.source_id)
