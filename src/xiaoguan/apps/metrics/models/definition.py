"""A metric of the dictionary: what it counts, how, since when, who answers for it and who may see it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.metrics import formula
from xiaoguan.apps.metrics.models.written import FactsField, NarrowedField
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

    The row holds the formula that counts now and why; `DefinitionVersion` holds every one there was, that one included.
    A shipped row without versions is computed as the program says.
    """

    code = models.CharField(
        _("code"), max_length=40, blank=True, help_text=_("Small letters, digits and _; empty: made from the name.")
    )
    name = models.CharField(_("name"), max_length=60, blank=True, help_text=_("Empty: the built-in name."))
    description = models.CharField(_("description"), max_length=400, blank=True)
    category = models.CharField(
        _("chapter"), max_length=10, choices=list(CATEGORIES.items()), default="own"
    )  # fmt: skip
    counts = FactsField(_("what is counted"), max_length=300, help_text=_("Facts by their codes."))
    how = models.CharField(_("how"), max_length=10, choices=How.choices, default=How.SUM)
    narrowed = NarrowedField(
        _("only for"), max_length=300, blank=True, help_text=_("tier=A,B; source=tender; empty: everything.")
    )
    over_counts = FactsField(
        _("divided by"), max_length=300, blank=True, help_text=_("Facts by their codes; empty: not divided.")
    )
    over_how = models.CharField(_("how it divides"), max_length=10, choices=How.choices, blank=True)
    over_narrowed = NarrowedField(_("divisor only for"), max_length=300, blank=True)
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
    why = models.CharField(
        pgettext_lazy("of a formula", "why"), max_length=200, blank=True,
        help_text=_("Why it is counted like this; told beside each formula there was."),
    )  # fmt: skip
    active = models.BooleanField(_("in use"), default=True)
    shipped = models.BooleanField(_("built in"), default=False, editable=False)

    names: ClassVar[dict[str, Metric]] = {}
    """The shipped metrics by code, put here by the dictionary: their names are translated where they are shown."""

    entity = Entity(
        slug="metric-definitions",
        icon="ruler",
        nav="settings",
        scope="all",
        list="name code category unit_code seen_by owner counts_from active",
        form="name code category description | counts how narrowed | over_counts over_how over_narrowed"
        " | higher_is_better seen_by owner serves parent counts_from why active",
        filter="category unit_code seen_by owner active shipped parent",
        find="name code",
        key="code",
        alone="counts how narrowed over_counts over_how over_narrowed counts_from why",
        sort="category",
        title="name",
        subtitle="code category",
        grows=False,
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
        return self.name or (capfirst(str(known.label)) if known else self.code)

    @property
    def formula(self) -> dict[str, str]:
        """How it is computed, as it is stored in a version."""
        return {name: getattr(self, name) for name in FORMULA}

    def prepare(self) -> None:
        """Tidy the texts, derive the unit, and say from when another formula counts."""
        self.name = " ".join(self.name.split())
        self.code = self.code.strip() or (code_of(self.name, ()) if self.name else "")
        for prefix in ("", "over_"):
            setattr(self, f"{prefix}counts", " ".join(formula.codes(getattr(self, f"{prefix}counts"))))
            setattr(self, f"{prefix}narrowed", getattr(self, f"{prefix}narrowed").strip())
        if not self.over_counts:
            self.over_how = self.over_narrowed = ""
        self.over_how = self.over_how or (How.COUNT if self.over_counts else "")
        self.why = " ".join(self.why.split())
        try:
            top, over = self._measures()
            self.unit_code = formula.unit(top, over)
        except (ValueError, ValidationError, KeyError):
            return  # `clean` says what is wrong
        self._date_formula()

    def _measures(self) -> tuple[Any, Any]:
        top = formula.checked(self.formula)
        return top, formula.checked(self.formula, "over_") if self.over_counts else None

    def _date_formula(self) -> None:
        """Another formula counts from a day: without one from this month on, where the one before has counted.

        Nor does it stand for the reason of the one before.
        """
        was = getattr(self, "_loaded", None)
        if was is None or self.formula == {name: was[name] for name in FORMULA}:
            return
        month = clock.today().replace(day=1)
        if was["counts_from"] == self.counts_from and self._has_counted(was, month):
            self.counts_from = month
        if was["why"] == self.why and was["counts_from"] != self.counts_from:
            self.why = ""

    def _has_counted(self, was: dict[str, Any], month: dt.date) -> bool:
        """Whether the last version stood in a finished month; what was entered today is still being typed."""
        today = was["created_at"] is not None and clock.local(was["created_at"]).date() == clock.today()
        if today and not self.shipped:
            return False
        return was["counts_from"] is None or was["counts_from"] < month

    def history(self) -> list[Any]:
        """The formulas there were and the one that is, the oldest first; none where a shipped one is as it came."""
        living = self.versions.filter(deleted_at__isnull=True).select_related("set_by")
        return sorted(living, key=lambda each: (each.counts_from is not None, each.counts_from or dt.date.min))

    def begins_another(self, last: dt.date | None) -> bool:
        """Whether the row as it stands begins another version than the one that counts from `last`."""
        same = self.formula == {name: self._loaded[name] for name in FORMULA}
        return not same and self.counts_from is not None and self.counts_from != last

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
        if any(was[name] != getattr(self, name) for name in (*FORMULA, "counts_from")):
            self._check_day()

    def _check_day(self) -> None:
        """A formula counts after the one before it."""
        days = [each.counts_from for each in self.history()]
        before = days if days and self.begins_another(days[-1]) else days[:-1]
        if not before:
            return
        if self.counts_from is None:
            text = _("Another formula counted before this one: type the day from which this one counts.")
            raise ValidationError({"counts_from": text})
        if before[-1] is not None and self.counts_from <= before[-1]:
            text = _("The formula before this one counts from %(day)s: type a later day.")
            raise ValidationError({"counts_from": text % {"day": before[-1].isoformat()}})
