"""Who is in which team from when to when, and who stands in for whom."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org.models.team import Team
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Post(models.TextChoices):
    """What somebody is in a team; managers and deputies reach the team and all teams below."""

    MEMBER = "member", _("member")
    MANAGER = "manager", _("manager")
    DEPUTY = "deputy", _("deputy manager")


LEADING = (Post.MANAGER.value, Post.DEPUTY.value)


def on(day: dt.date, prefix: str = "") -> Q:
    """The condition of dated rows in force on a day; an empty start or end is open."""
    begun = Q(**{f"{prefix}start__isnull": True}) | Q(**{f"{prefix}start__lte": day})
    lasting = Q(**{f"{prefix}end__isnull": True}) | Q(**{f"{prefix}end__gte": day})
    return begun & lasting


def _in_order(start: dt.date | None, end: dt.date | None) -> None:
    if start and end and end < start:
        raise ValidationError({"end": _("The last day comes before the first.")}, code="reversed")


class Membership(Record):
    """A stay of one person in one team; `start` empty means since always, `end` is the last day."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships", verbose_name=_("team"))
    post = models.CharField(_("post"), max_length=10, choices=Post.choices, default=Post.MEMBER)
    main = models.BooleanField(
        _("main team"), default=True, help_text=_("Results and new records count for the main team.")
    )
    start = models.DateField(_("first day"), null=True, blank=True)
    end = models.DateField(_("last day"), null=True, blank=True)

    entity = Entity(
        slug="memberships",
        icon="user-check",
        scope="person",
        list="person team post main start end",
        form="person team post | start end main",
        filter="person team post start end",
        key="person team start",
        sort="-start",
        title="person",
        subtitle="team post",
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True) | Q(end__isnull=True) | Q(end__gte=F("start")),
                name="org_membership_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.team}"

    def clean(self) -> None:
        """Refuse a stay that ends before it begins."""
        _in_order(self.start, self.end)

    @property
    def leads(self) -> bool:
        """Whether this post reaches the team's people."""
        return self.post in LEADING


class Deputy(Record):
    """For some days one person stands in for another and sees what the other sees."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="deputies", verbose_name=_("person")
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="deputising", verbose_name=_("stand-in")
    )
    start = models.DateField(_("first day"), null=True, blank=True)
    end = models.DateField(_("last day"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    entity = Entity(
        slug="stand-ins",
        icon="user-share",
        scope="person",
        list="person deputy start end note",
        form="person deputy start end | note",
        filter="person deputy start end",
        key="person deputy start",
        sort="-start",
        title="person",
        subtitle="deputy",
    )

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="org_deputy_other"),
            models.CheckConstraint(
                condition=Q(start__isnull=True) | Q(end__isnull=True) | Q(end__gte=F("start")),
                name="org_deputy_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.deputy}"

    def clean(self) -> None:
        """Refuse reversed days and standing in for oneself."""
        _in_order(self.start, self.end)
        if self.person_id is not None and self.person_id == self.deputy_id:
            raise ValidationError({"deputy": _("Nobody stands in for himself.")}, code="oneself")
