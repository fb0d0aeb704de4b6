"""A metric of the dictionary: what it counts, how, since when, who answers for it and who may see it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.metrics import formula
from xiaoguan.apps.metrics.spec import CATEGORIES, UNITS, Metric
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.own.rules import code_of
from xiaoguan.kit.record import Record

ALIVE = Q(deleted_at__isnull=True)
CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
FORMULA = ("counts", "how", "narrowed", "over_counts", "over_how", "over_narrowed")


class How(models.TextChoices):
    """How a measure is made of facts."""

    SUM = "sum", _("add up the amounts")
    COUNT = "count", _("count each")
    CUSTOMERS = "customers", _("different customers")
    RECORDS = "records", _("different records")


class SeenBy(models.TextChoices):
    """Whose figures a person may read, beside what his role allows."""

    SELF = "self", pgettext_lazy("figures", "one's own")
    TEAM = "team", pgettext_lazy("figures", "those of one's people")
    ALL = "all", pgettext_lazy("figures", "everybody's")


class Definition(Record):
    """One metric as data. Changing how it is computed makes a new version from a day on; periods that began before
    are computed as they were.

    `versions` are the formulas there were, the oldest first, each with the day it counts from (none for the first);
    the last one is that of the row. A shipped row without versions is computed as the program says.
    """

    code = models.CharField(
        _("code"), max_length=40, blank=True, help_text=_("Small letters, digits and _; empty: made from the name.")
    )
    name = models.CharField(_("name"), max_length=60, blank=True, help_text=_("Empty: the built-in name."))
    description = models.CharField(_("description"), max_length=400, blank=True)
    category = models.CharField(
        _("chapter"), max_length=10, choices=list(CATEGORIES.items()), default="own"
    )  # fmt: skip
    counts = models.CharField(_("what is counted"), max_length=300, help_text=_("Facts by their codes."))
    how = models.CharField(_("how"), max_length=10, choices=How.choices, default=How.SUM)
    narrowed = models.CharField(
        _("only for"), max_length=300, blank=True, help_text=_("tier=A,B; source=tender; empty: everything.")
    )
    over_counts = models.CharField(
        _("divided by"), max_length=300, blank=True, help_text=_("Facts by their codes; empty: not divided.")
    )
    over_how = models.CharField(_("how it divides"), max_length=10, choices=How.choices, blank=True)
    over_narrowed = models.CharField(_("divisor only for"), max_length=300, blank=True)
    unit_code = models.CharField(
        _("unit"), max_length=8, choices=list(UNITS.items()), default="money", editable=False
    )  # fmt: skip
    higher_is_better = models.BooleanField(_("higher is better"), default=True)
    seen_by = models.CharField(_("figures one may read"), max_length=4, choices=SeenBy.choices, default=SeenBy.TEAM)
    serves = models.CharField(_("goal it serves"), max_length=200, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of the metric")
    )
    counts_from = models.DateField(
        pgettext_lazy("formula", "counts from"),
        null=True,
        blank=True,
        help_text=_("The day from which this formula counts; empty: always."),
    )
    active = models.BooleanField(_("in use"), default=True)
    shipped = models.BooleanField(_("built in"), default=False, editable=False)
    versions = models.JSONField(_("versions"), default=list, blank=True, editable=False)

    names: ClassVar[dict[str, Metric]] = {}
    """The shipped metrics by code, put here by the dictionary: their names are translated where they are shown."""

    entity = Entity(
        slug="metric-definitions",
        icon="ruler",
        nav="settings",
        scope="all",
        list="name code category unit_code seen_by owner counts_from active",
        form="name code category description | counts how narrowed | over_counts over_how over_narrowed"
        " | higher_is_better seen_by owner serves parent counts_from active",
        filter="category unit_code seen_by owner active shipped parent",
        find="name code",
        key="code",
        sort="category",
        title="name",
        subtitle="code category",
    )

    class Meta:
        verbose_name = _("metric definition")
        verbose_name_plural = _("metric definitions")
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=ALIVE, name="metrics_definition_code",
                violation_error_message=_("There is a metric with this code: choose another one."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        known = self.names.get(self.code)
        return self.name or str(known.label if known else self.code)

    @property
    def formula(self) -> dict[str, str]:
        """How it is computed, as it is stored in a version."""
        return {name: getattr(self, name) for name in FORMULA}

    def prepare(self) -> None:
        """Tidy the texts, derive the unit, and keep the formula there was as a version."""
        self.name = " ".join(self.name.split())
        self.code = self.code.strip() or (code_of(self.name, ()) if self.name else "")
        for prefix in ("", "over_"):
            setattr(self, f"{prefix}counts", " ".join(formula.codes(getattr(self, f"{prefix}counts"))))
            setattr(self, f"{prefix}narrowed", getattr(self, f"{prefix}narrowed").strip())
        if not self.over_counts:
            self.over_how = self.over_narrowed = ""
        self.over_how = self.over_how or (How.COUNT if self.over_counts else "")
        try:
            top, over = self._measures()
            self.unit_code = formula.unit(top, over)
        except (ValueError, ValidationError, KeyError):
            return  # `clean` says what is wrong
        self._keep_version()

    def _measures(self) -> tuple[Any, Any]:
        top = formula.checked(self.formula)
        return top, formula.checked(self.formula, "over_") if self.over_counts else None

    def _keep_version(self) -> None:
        """The last version is the row's formula: a new one from a later day on, the same one corrected otherwise.

        A formula that has counted for a finished month stays; without a day the new one counts from this month on.
        """
        was = getattr(self, "_loaded", None)
        if was is None:
            self.versions = [] if self.shipped else [{"from": _day(self.counts_from), **self.formula}]
            return
        before = {name: was[name] for name in FORMULA}
        if before == self.formula and was["counts_from"] == self.counts_from:
            return
        history = list(was["versions"]) or [{"from": None, **before}]
        month = clock.today().replace(day=1)
        if before != self.formula and was["counts_from"] == self.counts_from and self._has_counted(was, month):
            self.counts_from = month
        if before != self.formula and self.counts_from and _day(self.counts_from) != history[-1]["from"]:
            history.append({"from": _day(self.counts_from), **self.formula})
        else:
            history[-1] = {"from": _day(self.counts_from) if len(history) > 1 else history[-1]["from"], **self.formula}
        self.versions = history

    def _has_counted(self, was: dict[str, Any], month: dt.date) -> bool:
        """Whether the last version stood in a finished month; what was entered today is still being typed."""
        today = was["created_at"] is not None and clock.local(was["created_at"]).date() == clock.today()
        if today and not self.shipped:
            return False
        return was["counts_from"] is None or was["counts_from"] < month

    def clean(self) -> None:
        """Say what is wrong with code, name, formula and day, each at its field."""
        top, over = self._measures()  # first: whoever defines one sees what is wrong with it before it has a name
        if over is not None:
            formula.check_ratio(top, over)
        if not self.name and self.code not in self.names:
            raise ValidationError({"name": _("Type a name.")})
        if not CODE.fullmatch(self.code):
            raise ValidationError({"code": _("Small letters, digits and _ only, a letter first, at most 40.")})
        if not self.shipped and self.code in self.names:
            text = _("This is the code of the built-in metric “%(name)s”: choose another one.")
            raise ValidationError({"code": text % {"name": self.names[self.code].label}})
        if self.parent_id is not None and self.parent_id == self.pk:
            raise ValidationError({"parent": _("A metric is no part of itself.")})
        self._check_change()

    def _check_change(self) -> None:
        """What others rely on stays: the code, the unit, and the days that were counted."""
        was = getattr(self, "_loaded", None)
        if was is None:
            return
        if was["code"] != self.code:
            raise ValidationError({"code": _("The code stays: targets and addresses know the metric by it.")})
        if was["unit_code"] != self.unit_code:
            text = _("The metric is in %(was)s and this formula gives %(now)s: copy it as a new metric instead.")
            raise ValidationError({"counts": text % {"was": UNITS[was["unit_code"]], "now": UNITS[self.unit_code]}})
        days = [version["from"] or "" for version in self.versions]
        if days != sorted(set(days)):
            text = _("The formula before this one counts from %(day)s: type a later day.")
            raise ValidationError({"counts_from": text % {"day": days[-2]}})


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
