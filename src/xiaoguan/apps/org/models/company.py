"""The one company of an installation."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.calc.aim import steps
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

ONLY = 1
"""Primary key of the single row."""


class WeekStart(models.IntegerChoices):
    """The first day of a week as ISO numbers it."""

    MONDAY = 1, _("Monday")
    SUNDAY = 7, _("Sunday")


def known_zone(value: str) -> None:
    """Refuse a name that the time zone database doesn't have."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("This time zone is not known; write it like Asia/Shanghai."), code="unknown_zone")


class Ranking(models.TextChoices):
    """How far the leaderboard shows who stands where."""

    OFF = "off", _("There is none")
    OWN = "own", _("Everybody sees his own place")
    ALL = "all", _("Everybody sees the upper half and himself")


class Company(Record):
    """Name, fiscal year and working week; there is exactly one."""

    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", editable=False, validators=[RegexValidator(r"^[A-Z]{3}$")]
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai", validators=[known_zone])
    week_start = models.PositiveSmallIntegerField(
        _("first day of the week"), choices=WeekStart.choices, default=WeekStart.MONDAY
    )
    workdays = models.CharField(
        _("working days"),
        max_length=7,
        default="12345",
        validators=[RegexValidator(r"^1?2?3?4?5?6?7?$", _("Write the days as digits: 1 is Monday, 7 is Sunday."))],
        help_text=_("1 is Monday, 7 is Sunday; public holidays and days made up for them come on top."),
    )
    opens_at = models.TimeField(_("working hours from"), default=dt.time(9))
    closes_at = models.TimeField(
        _("working hours until"), default=dt.time(18), help_text=_("The time to an answer counts within these hours.")
    )
    ramp = models.CharField(
        _("targets of somebody new"),
        max_length=80,
        default="30 60",
        blank=True,
        help_text=_("Per cent of a full target in the first months, like 30 60; after them it is a full one."),
    )
    password_length = models.PositiveSmallIntegerField(
        _("shortest password"), default=10, validators=[MinValueValidator(10), MaxValueValidator(64)]
    )
    password_history = models.PositiveSmallIntegerField(
        _("old passwords refused"),
        default=5,
        validators=[MaxValueValidator(24)],
        help_text=_("So many passwords, counted back from today's, can't be set again."),
    )
    password_days = models.PositiveSmallIntegerField(
        _("days a password holds"),
        null=True,
        blank=True,
        validators=[MinValueValidator(30)],
        help_text=_("Left empty, passwords don't expire; that is the safer choice."),
    )
    idle_hours = models.PositiveSmallIntegerField(
        _("hours until an idle device is signed out"),
        default=14 * 24,
        validators=[MinValueValidator(1), MaxValueValidator(90 * 24)],
    )
    session_days = models.PositiveSmallIntegerField(
        _("days after which everybody signs in again"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    tells_owners = models.BooleanField(
        _("says whose a customer is"),
        default=False,
        help_text=_(
            "Who enters a company that a colleague has already sees its name and owner. Off: only that there is one, "
            "and which manager to ask."
        ),
    )
    ranking = models.CharField(
        _("leaderboard"),
        max_length=3,
        choices=Ranking.choices,
        default=Ranking.ALL,
        help_text=_("Whoever leads sees everybody he leads in any case, unless there is none."),
    )
    demo = models.CharField(
        _("demo notice"),
        max_length=200,
        blank=True,
        editable=False,
        help_text=_("Shown on every page when the records are generated, not real."),
    )

    entity = Entity(
        slug="company",
        icon="building",
        scope="all",
        list="name short_name city fiscal_year_start week_start workdays",
        form="name short_name city fiscal_year_start workdays time_zone | week_start opens_at closes_at | ramp "
        "| tells_owners ranking | password_length password_history password_days idle_hours session_days",
        key="name",
        sort="id",
    )

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [models.CheckConstraint(condition=models.Q(id=ONLY), name="org_company_single")]

    def __init__(self, *args: Any, **values: Any) -> None:
        if not args:
            values.setdefault("id", ONLY)
        super().__init__(*args, **values)

    def __str__(self) -> str:
        return self.short_name or self.name

    def clean(self) -> None:
        """A working day ends after it began; the first months of somebody new are per cents."""
        if steps(self.ramp) is None:
            raise ValidationError({"ramp": _("Type per cents from 0 to 100 with spaces between them, like 30 60.")})
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("This is before the working day begins.")})

    def workday_set(self) -> frozenset[int]:
        """The working days of an ordinary week, ISO numbers."""
        return frozenset(int(digit) for digit in self.workdays)
