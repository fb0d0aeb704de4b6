"""How targets are imported: one row per period, or wide sheets with a column for every month or quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.goals.actions import may_set
from xiaoguan.apps.goals.models import Level, Target, TargetKind
from xiaoguan.apps.goals.models.target import value_field
from xiaoguan.apps.goals.queries import Targets, calendar, targets
from xiaoguan.apps.goals.subject import Subject
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Metric
from xiaoguan.apps.org.models import Team
from xiaoguan.apps.org.queries import working_calendar
from xiaoguan.calc.errors import PeriodError, ShareError
from xiaoguan.calc.period import Period
from xiaoguan.calc.share import split_locked
from xiaoguan.kit import clock, kinds, render
from xiaoguan.kit.access import everything
from xiaoguan.lexicon import dates, metric_words, sheets
from xiaoguan.tables.wide import Wide, WideColumn, find_wide
from xiaoguan.transfer.finder import Finder
from xiaoguan.transfer.importer import Candidate, Draft, Importer, importer
from xiaoguan.transfer.problems import ERROR, WARNING, Problem
from xiaoguan.transfer.slots import Slot, free_slot
from xiaoguan.transfer.values import Reader, choice_words

choice_words[str(Target._meta.get_field("metric"))] = metric_words.metric_of
TOLD = ("over", "stretch", "challenge", "purpose", "reason", "note")
"""What a row may say of all its targets beside their numbers."""
LONGER = (TargetKind.QUARTER.value, TargetKind.YEAR.value)


@importer(Target._meta.label_lower)
class TargetImporter(Importer):
    """A row is one subject; each filled period of it is one target."""

    def make_slots(self) -> dict[str, Slot]:
        """Person, team, metric and number; the period is text, as it may be a month without a year."""
        slots = super().make_slots()
        for name in ("kind", "locked", "level"):
            slots.pop(name, None)
        slots["start"] = free_slot("start", _("Period"), Target._meta.get_field("note"))
        return slots

    @cached_property
    def wide(self) -> Wide | None:
        """The period columns of the sheet, None for a sheet with one period per row."""
        return find_wide(self.layout.columns, self.layout.title, self.layout.sheet.name)

    def period_columns(self) -> Sequence[int]:
        """The period columns are read here, not mapped."""
        return sorted(self.wide.indexes) if self.wide else ()

    def ways(self) -> list[tuple[str, ...]]:
        """One target per metric, subject and period, whatever was chosen."""
        return [("metric", "subject", "kind", "start")]

    def usual_ways(self) -> list[tuple[str, ...]]:
        """Nothing to choose from."""
        return []

    def can_be_key(self, name: str) -> bool:
        """Nothing to choose from."""
        return False

    def needed(self) -> list[str]:
        """What a target lacks is said by `complete`."""
        return []

    # Whose -----------------------------------------------------------------------------------------------------

    def complete(self, draft: Draft) -> None:
        """Find whose target the row is: a customer, a product, a person, a team, a territory, or the company."""
        subject = self._subject(draft)
        if subject is None:
            return
        if subject not in self._allowed:
            self._allowed[subject] = may_set(self.actor, subject)
        if not self._allowed[subject]:
            draft.problems.append(Problem(ERROR, "may_not_create", draft.number))
            return
        draft.values["subject"] = subject

    @cached_property
    def _allowed(self) -> dict[Subject, bool]:
        """Whose targets the actor may set, asked once for all rows of a subject."""
        return {}

    def _subject(self, draft: Draft) -> Subject | None:
        """A customer or product before whoever looks after it: that stands beside it in many sheets."""
        for level in (Level.CUSTOMER.value, Level.PRODUCT.value):
            row, text = draft.values.get(level), draft.texts.get(level, "")
            if isinstance(row, Model):
                return Subject(level, row.pk)
            if row is not None:  # it would be made by the import: nobody aims at what isn't there
                draft.problems.append(Problem(ERROR, "not_found", draft.number, slot=level, text=text))
                return None
            if text:
                self._unknown(draft, level)
                return None
        person, team, place = (draft.values.get(name) for name in ("person", "team", "territory"))
        if person is not None:
            return Subject(Level.PERSON.value, person.pk)
        named = draft.texts.get("person", "")
        if named:
            return self._not_a_person(draft, named)
        if team is not None:
            return Subject(Level.TEAM.value, team.pk)
        if place is not None:
            return Subject(Level.TERRITORY.value, place.pk)
        if metric_words.is_company(draft.texts.get("team", "")):
            self._drop_findings(draft)
            return Subject(Level.COMPANY.value)
        if not draft.texts.get("team"):
            draft.problems.append(Problem(ERROR, "required", draft.number, slot="person"))
        return None

    def _not_a_person(self, draft: Draft, named: str) -> Subject | None:
        """A name that is nobody's may be a team's or the company's; otherwise the row has no owner to aim."""
        if metric_words.is_company(named):
            self._drop_findings(draft)
            return Subject(Level.COMPANY.value)
        if teams := self._teams.find(named):
            self._drop_findings(draft)
            return Subject(Level.TEAM.value, teams[0].pk)
        self._unknown(draft, "person")
        return None

    def _unknown(self, draft: Draft, slot: str) -> None:
        """Without whom it is for there is no target: what is a warning elsewhere is an error here."""
        for place, problem in enumerate(draft.problems):
            if problem.slot == slot and problem.level == WARNING:
                fix = problem.fix if problem.fix and "id" in problem.fix else None
                draft.problems[place] = replace(problem, level=ERROR, fix=fix)

    def _drop_findings(self, draft: Draft) -> None:
        draft.problems[:] = [problem for problem in draft.problems if problem.slot not in ("person", "team")]

    @cached_property
    def _teams(self) -> Finder:
        return Finder(Team, self.actor)

    # What ------------------------------------------------------------------------------------------------------

    def candidates(self, draft: Draft) -> Iterator[Candidate]:
        """One target per filled period; a quarter or a half-year is shared among its months."""
        subject = draft.values.get("subject")
        if subject is None:
            return
        found = self._wide_values(draft) if self.wide else self._long_value(draft)
        for metric, periods, told in found:
            for period, value in self._shared(draft, subject, metric, periods, told):
                yield Candidate(
                    draft,
                    {
                        "metric": metric.code,
                        "subject": subject.key,
                        "kind": str(period.kind),
                        "start": period.start,
                        value_field(metric): value,
                        **subject.values(),
                        **{name: draft.values[name] for name in TOLD if draft.values.get(name) not in (None, "")},
                    },
                )

    def _shared(
        self, draft: Draft, subject: Subject, metric: Metric, periods: Sequence[Period], value: int
    ) -> list[tuple[Period, int]]:
        """The months of a quota told by the quarter or half-year, exactly: as they stand where they make it already,
        else in the proportions they have, else by working days; locked months stay. A rate holds in every quarter."""
        if not metric.additive or str(periods[0].kind) != "quarter":
            return [(period, value) for period in periods]
        months = [month for period in periods for month in period.split("month")]
        known = self._known(metric, months[0].within("year"))
        now = [known.of(subject.key, month) for month in months]
        if None not in now and sum(each or 0 for each in now) == value:
            return [(month, each or 0) for month, each in zip(months, now, strict=True)]
        held = {at: now[at] or 0 for at, month in enumerate(months) if (subject.key, month.start) in known.locked}
        weights = [each or 0 for each in now]
        if None in now or not any(weight for at, weight in enumerate(weights) if at not in held):
            work = working_calendar()
            weights = [work.count(month.start, month.end) or 1 for month in months]
        try:
            parts = split_locked(value, weights, held)
        except ShareError:
            words = {"period": periods[0].code if len(periods) == 1 else f"{periods[0].code} – {periods[-1].code}"}
            reason = gettext("Locked months of %(period)s leave no room for this number; unlock them first.") % words
            draft.problems.append(Problem(ERROR, "refused", draft.number, params={"reason": reason}))
            return []
        return list(zip(months, parts, strict=True))

    def _known(self, metric: Metric, year: Period) -> Targets:
        """What is set in a year already, read once."""
        key = (metric.code, year.start)
        if key not in self._read_years:
            self._read_years[key] = targets(metric, year.start, year.end)
        return self._read_years[key]

    @cached_property
    def _read_years(self) -> dict[tuple[str, dt.date], Targets]:
        return {}

    def _wide_values(self, draft: Draft) -> list[tuple[Metric, Sequence[Period], int]]:
        assert self.wide is not None
        found, sums = [], dict.fromkeys(self.wide.groups(), 0)
        for column, cell in self.wide.cells(draft.cells):
            metric = self._metric(draft, column.group)
            value = self._read(draft, metric, column, cell)
            if value is None:
                continue
            sums[column.group] += value
            if periods := self._periods(draft, column):
                found.append((metric, periods, value))
        for total in self.wide.totals:
            self._check_total(draft, total, sums)
        return found

    def _check_total(self, draft: Draft, total: WideColumn, sums: dict[str, int]) -> None:
        """Warn when the periods miss the row's own total."""
        cell = draft.cells[total.index] if total.index < len(draft.cells) else ""
        metric = self._metric(draft, total.group)
        if cell == "" or total.group not in sums or not metric.additive:
            return
        said = self._read(draft, metric, total, cell)
        if said is not None and said != sums[total.group]:
            shown = render.money_text if metric.unit == "money" else str
            draft.problems.append(
                Problem(
                    WARNING,
                    "total_gap",
                    draft.number,
                    self._header(total),
                    params={"sum": str(shown(sums[total.group])), "total": str(shown(said))},
                )
            )

    def _read(self, draft: Draft, metric: Metric, column: WideColumn, cell: Any) -> int | None:
        slot = self.slots[value_field(metric)]
        header = self._header(column)
        unit = self.options.units.get(header) or self._unit(column)
        reader = self._readers.setdefault((slot.name, unit), Reader(slot, unit=unit if slot.is_amount else ""))
        try:
            value: int | None = reader.read(cell)
        except kinds.Unparsable as problem:
            draft.problems.append(Problem(ERROR, problem.code, draft.number, header, slot.name, problem.text))
            return None
        return value

    @cached_property
    def _readers(self) -> dict[tuple[str, str], Reader]:
        return {}

    def _unit(self, column: WideColumn) -> str:
        header = self.layout.columns[column.index]
        return sheets.unit_of_header(header.leaf) or sheets.unit_of_header(header.group) or self.layout.unit

    def _header(self, column: WideColumn) -> str:
        return self.layout.columns[column.index].name

    def _long_value(self, draft: Draft) -> list[tuple[Metric, Sequence[Period], int]]:
        metric = self._metric(draft, "")
        name = value_field(metric)
        value = draft.values.get(name)
        text = draft.values.get("start", "")
        periods = self._periods_of_text(text)
        if value is None:
            draft.problems.append(Problem(ERROR, "required", draft.number, slot=name))
        if not periods:
            code = "not_a_date" if text else "required"
            draft.problems.append(Problem(ERROR, code, draft.number, slot="start", text=text))
        return [(metric, periods, value)] if periods and value is not None else []

    def reread(self, draft: Draft) -> None:
        """Read a count or rate of a sheet with one column for all numbers, which goes for the amount."""
        if self.wide:
            return
        metric, header = self._metric(draft, ""), self.headers.get("amount")
        name = value_field(metric)
        column = next((each for each in self.layout.columns if each.name == header), None)
        if name == "amount" or draft.values.get(name) is not None or column is None:
            return
        draft.problems[:] = [problem for problem in draft.problems if problem.slot != "amount"]
        cell = draft.cells[column.index] if column.index < len(draft.cells) else ""
        value = self._read(draft, metric, WideColumn(column.index, sheets.Period("year", 1)), cell)
        if value is not None:
            draft.values[name] = value

    def _metric(self, draft: Draft, group: str) -> Metric:
        """The metric of the row, of the group of columns, of the person's choice, or of the sheet's title."""
        texts = (group, *self._value_headers, self.layout.title, self.layout.sheet.name)
        named = next((code for text in texts if (code := metric_words.metric_of(text))), "")
        code = draft.values.get("metric") or self.options.more.get("metric") or named
        return metrics.get(code) or metrics["won_amount"]

    @cached_property
    def _value_headers(self) -> list[str]:
        """The headers of the columns that hold the numbers of a sheet with one period per row."""
        return [self.headers[name] for name in ("amount", "number", "rate") if name in self.headers]

    # When ------------------------------------------------------------------------------------------------------

    @property
    def year(self) -> int:
        """The fiscal year of periods that name none."""
        return self.options.year or (self.wide.year if self.wide else 0) or calendar().year_number(clock.today())

    def _periods(self, draft: Draft, column: WideColumn) -> list[Period]:
        period = column.period
        try:
            return self._of(period.kind, period.number, period.year)
        except PeriodError:
            draft.problems.append(Problem(ERROR, "not_a_date", draft.number, self._header(column)))
            return []

    def _of(self, kind: str, number: int, year: int) -> list[Period]:
        """The month, quarter or year of the fiscal calendar, a half-year as two quarters.

        A month without a year lies in the sheet's fiscal year.
        """
        known = calendar()
        if kind == "month":
            first = known.parse(str(self.year)).start
            own_year = year or (first.year if number >= first.month else first.year + 1)
            return [known.month(dt.date(own_year, number, 1))]
        if kind == "half":
            return [known.parse(f"{year or self.year}-Q{2 * number - back}") for back in (1, 0)]
        return [known.parse(f"{year or self.year}-Q{number}" if kind == "quarter" else str(year or self.year))]

    def _periods_of_text(self, text: str) -> list[Period]:
        if named := sheets.period_of(text):
            try:
                return self._of(*named)
            except PeriodError:
                return []
        day = dates.parse(text)
        return [calendar().month(day.value)] if day.value else []

    # Writing ---------------------------------------------------------------------------------------------------

    def objection(self, row: Any) -> str:
        """A locked target stays; whether the actor may set it was asked row by row."""
        return gettext("%(target)s is locked; unlock it to change it.") % {"target": row} if row.locked else ""

    def after(self, work: Any, candidates: Sequence[Candidate]) -> None:
        """Finer rows win: a month drops the quarter and year rows it belongs to."""
        wider: dict[tuple[str, str], set[tuple[str, dt.date]]] = {}
        for each in candidates:
            if each.action != "unchanged" and each.values["kind"] == TargetKind.MONTH:
                month = calendar().month(each.values["start"])
                around = {(kind, month.within(kind).start) for kind in LONGER}
                wider.setdefault((each.values["metric"], each.values["subject"]), set()).update(around)
        if not wider:
            return
        rows = everything(Target, because="a longer period is made of its months, visible or not")
        subjects = {subject for _metric, subject in wider}
        found = rows.filter(subject__in=subjects, kind__in=LONGER)
        gone = [row for row in found if (row.kind, row.start) in wider.get((row.metric, row.subject), ())]
        if gone:
            work.remove(*gone)
