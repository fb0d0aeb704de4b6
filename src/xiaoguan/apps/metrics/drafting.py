"""A metric as somebody is defining it: what the form holds, what is wrong with it, and what it gives for last month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.metrics import dimensions, formula, readings, wording
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.models.definition import FORMULA
from xiaoguan.apps.metrics.queries import figures, is_hidden, readable_people
from xiaoguan.apps.metrics.spec import CONDITIONS, Metric, Slice
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, clock, conflict, kinds, spans
from xiaoguan.kit.controls import raw_of
from xiaoguan.kit.fact import facts

TOP = 5
YEAR = dt.timedelta(days=365)
NAMES = ("name", "code", "description", "category", *FORMULA, "higher_is_better", "seen_by", "owner_id", "serves",
         "parent_id", "counts_from", "why", "active")  # fmt: skip
"""What the form holds, as the columns of a row."""


@dataclass
class Draft:
    """What the page holds: the texts of a row, what is wrong with them by field, and what its reader may not see."""

    values: dict[str, Any]
    row: Definition | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of_row(cls, row: Definition, *, copied: bool = False, hidden: frozenset[str] = frozenset()) -> Draft:
        """The values of a row, or of a copy of it."""
        values = {name: getattr(row, name) for name in NAMES}
        if copied:
            values |= {"name": _("%(name)s, a copy") % {"name": row}, "code": "", "counts_from": None, "why": ""}
            values["active"] = True
        return cls(values, None if copied or row.pk is None else row, hidden=hidden)

    @classmethod
    def sent(cls, data: QueryDict, row: Definition | None, hidden: frozenset[str] = frozenset()) -> Draft:
        """What a form sent; what is hidden from its sender stays as it is."""
        texts = ("name", "description", "serves", "why")
        values: dict[str, Any] = {name: data.get(name, "").replace("\x00", "").strip() for name in texts}
        draft = cls(values, row, hidden=hidden)
        values["code"] = row.code if row else data.get("code", "").replace("\x00", "").strip()
        values["category"] = data.get("category", "own")
        for prefix in ("", "over_"):
            values[f"{prefix}counts"] = " ".join(data.getlist(f"{prefix}facts"))
            values[f"{prefix}how"] = data.get(f"{prefix}how", "count")
            chosen = [(code, tuple(data.getlist(f"{prefix}only_{code}"))) for code in CONDITIONS]
            values[f"{prefix}narrowed"] = formula.written([(code, words) for code, words in chosen if words])
        values["higher_is_better"] = data.get("direction", "up") == "up"
        values["seen_by"] = data.get("seen_by", "team")
        values["active"] = row is None or bool(data.get("active"))
        draft._take_link("owner_id", data.get("owner_id", ""), Person.objects.filter(deleted_at__isnull=True))
        draft._take_link("parent_id", data.get("parent_id", ""), Definition.objects.filter(deleted_at__isnull=True))
        draft._take_day(data.get("counts_from", ""))
        stays = row or Definition(how="count", seen_by="team")
        for name in NAMES:
            theirs = row is not None and data.get(f"{conflict.TAKE}{name.removesuffix('_id')}") == "theirs"
            if theirs or name.removesuffix("_id") in hidden:
                values[name] = getattr(stays, name)
        return draft

    def _take_link(self, name: str, raw: str, rows: QuerySet[Any]) -> None:
        number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None
        self.values[name] = number if number is None or rows.filter(pk=number).exists() else None
        if raw and self.values[name] is None:
            self.errors[name] = [_("Choose one of the list.")]

    def _take_day(self, raw: str) -> None:
        own = Definition._meta.get_field("counts_from")
        try:
            self.values["counts_from"] = kinds.of(own).parse(raw, own) if raw.strip() else None
        except kinds.Unparsable:
            self.values["counts_from"] = None
            self.errors["counts_from"] = [_("Type a day like 2026-01-01.")]

    @property
    def written(self) -> dict[str, Any]:
        """What is to be stored: nothing that is hidden from whoever sends it."""
        return {name: value for name, value in self.values.items() if name.removesuffix("_id") not in self.hidden}

    @property
    def unread(self) -> bool:
        """Whether its reader may not see what is counted."""
        return bool(self.hidden & set(FORMULA))

    def meet(self, row: Definition, seen: int, actor: Any) -> conflict.Conflict:
        """Go on from the row as somebody else has saved it: what only they changed is taken, what both did is asked."""
        columns = {column.path: column for column in Definition.entity.columns("form")}
        typed = {path: raw_of(column.kind, self.values[column.field.attname]) for path, column in columns.items()}
        found = conflict.compare(Definition.entity, row, typed, seen, actor)
        for clash in found.clashes:
            if not clash.both:
                name = columns[clash.name].field.attname
                self.values[name] = getattr(row, name)
        self.row = row
        return found

    def check(self) -> Metric | None:
        """The metric as it would be, not stored; None where something is wrong, which `errors` then say."""
        row = Definition.objects.get(pk=self.row.pk) if self.row else Definition()
        for name, value in self.values.items():
            setattr(row, name, value)
        try:
            row.prepare()
            row.clean_fields(exclude={"owner", "parent", "extra", "unit", "created_by"})
            row.clean()
        except ValidationError as problem:
            for name, texts in problem.message_dict.items():
                self.errors.setdefault(name, []).extend(texts)
        if self.row is None and row.code and row.code not in self.errors and _taken(row.code):
            self.errors.setdefault("code", []).append(_("There is a metric with this code: choose another one."))
        wrong = set(self.errors) - {"name", "code"}
        if wrong:
            return None
        top = formula.measure(row.counts, row.how, row.narrowed)
        over = formula.measure(row.over_counts, row.over_how, row.over_narrowed) if row.over_counts else None
        return Metric(row.code or "draft", row.name or str(row), row.description, top, over, unit=row.unit_code,
                      higher_is_better=row.higher_is_better, seen_by=row.seen_by)  # fmt: skip


def _taken(code: str) -> bool:
    rows = access.everything(Definition, because="codes are unique whoever sees the metric")
    return rows.filter(code=code).exists()


# What it gives ------------------------------------------------------------------------------------------------------


def outcome(actor: Any, draft: Draft) -> dict[str, Any]:
    """Sentence, figure of last month, by team, the first people, and what looks like a mistake."""
    if draft.unread:
        return {"problems": [], "unread": True}
    spec = draft.check()
    # A name still to be typed is asked for when it is saved.
    told = [texts for name, texts in draft.errors.items() if name != "name"]
    problems = list(dict.fromkeys(text for texts in told for text in texts))
    if spec is None:
        return {"problems": problems}
    said = {"problems": problems, "sentence": wording.sentence(spec), "days": _days(spec)}
    first, last = spans.month_of(clock.today(), -1)
    where = Slice(first, last, people=readable_people(actor, spec))
    if is_hidden(actor, spec):
        return said | {"hidden": True}
    whole = figures([spec], where)
    found = {by: figures([spec], where, by=[by]) for by in ("unit", "person")}
    lines = {by: _lines(actor, spec, by, each) for by, each in found.items()}
    return said | {
        "notes": [*_notes(spec, whole.value(spec), where), *_measured(spec)],
        "spec": spec,
        "value": wording.told(spec, whole.value(spec)),
        "first": first,
        "last": last,
        "teams": lines["unit"],
        "top": sorted(lines["person"], key=lambda line: -(line["value"] or 0))[:TOP],
        "unit": wording.unit(spec),
    }


def _lines(actor: Any, spec: Metric, by: str, found: Any) -> list[dict[str, Any]]:
    keys = {key[0] for key in found.rows}
    lines = []
    for part in dimensions.parts(actor, by, keys):
        value = found.total(spec, [(key,) for key in part.keys])
        lines.append(
            {"name": part.name, "depth": min(part.depth, 2), "value": value, "shown": wording.shown(spec, value)}
        )
    return lines


def _dated(spec: Metric) -> Mapping[str, list[str]]:
    """The names of the days by which a metric counts, with the facts that count by them."""
    found: dict[str, list[str]] = {}
    for code in dict.fromkeys(code for measure in spec.measures for code in measure.facts):
        fact = facts[code]
        label = (
            _("month it was measured for") if fact.model is None else fact.model._meta.get_field(fact.on).verbose_name
        )
        found.setdefault(str(label), []).append(capfirst(str(fact.label)))
    return found


def _days(spec: Metric) -> str:
    """On which day things count, in words."""
    days = _dated(spec)
    if len(days) == 1:
        return _("On the day “%(day)s”.") % {"day": capfirst(next(iter(days)))}
    each = [
        _("“%(fact)s” on the day “%(day)s”") % {"fact": _(", ").join(names), "day": capfirst(day)}
        for day, names in days.items()
    ]
    return _("%(what)s.") % {"what": _("; ").join(each)}


def _notes(spec: Metric, value: int | None, where: Slice) -> list[str]:
    """What looks like a mistake though it may be saved: nothing there, or nothing to divide by."""
    if value:
        return []
    if value is None:
        assert spec.over is not None
        below = wording.sentence(Metric("below", "", "", spec.over))
        return [_("Last month there was nothing to divide by, so there is no figure: %(what)s") % {"what": below}]
    year = Slice(where.last - YEAR, where.last, people=where.people)
    if figures([spec], year).value(spec):
        return [_("Last month it was 0, in the year before it was not.")]
    text = _("In the last twelve months it was always 0: nothing of this kind was counted. Check facts and conditions.")
    blank = [_("A record without the day “%(day)s” counts nowhere.") % {"day": capfirst(day)} for day in _dated(spec)]
    return [text, *blank[:1]]


def _measured(spec: Metric) -> list[str]:
    """What is to be known of figures that are measured each night and not counted record by record."""
    codes = [code for measure in spec.measures for code in measure.facts]
    states = [code for code in spec.measure.facts if code in readings.states]
    if states and spec.over is None:
        text = _("“%(fact)s” is how things stand in a month: a quarter adds its three months up. Divide it by another"
                 " one that is measured each night, and a quarter is their average.")  # fmt: skip
        return [text % {"fact": capfirst(str(facts[states[0]].label))}]
    measured = [code for code in codes if readings.is_reading(code)]
    if measured and len(measured) < len(codes):
        text = _("“%(fact)s” is measured once for each month and stands on its first day: by day or week the figure"
                 " says nothing.")  # fmt: skip
        return [text % {"fact": capfirst(str(facts[measured[0]].label))}]
    return []
