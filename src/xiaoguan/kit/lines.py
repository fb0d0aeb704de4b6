"""Line items: child records shown on and edited with their parent (the products of a deal)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.kit import access, columns, controls, guard, related, render
from xiaoguan.kit.action import Done, Work
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.form import RecordForm

MOST = 200


@dataclass(frozen=True)
class Kind:
    """One sort of lines of a parent: the accessor, the child's entity, the link back."""

    accessor: str
    entity: Entity
    link: str

    def names(self, part: str) -> list[str]:
        """The child's names of a part without the link to the parent."""
        return [name for name in self.entity.names(part) if name != self.link]

    def rows(self, parent: models.Model) -> list[Any]:
        """The living lines of a parent in the order they were written."""
        found = self.entity.model._default_manager.filter(**{self.link: parent, "deleted_at__isnull": True})
        links = [column.relations for column in self.entity.columns("list") if column.relations]
        return list(found.select_related(*[link for link in links if link != self.link]).order_by("pk")[:MOST])


def kinds_of(entity: Entity) -> list[Kind]:
    """The sorts of lines an entity declares (`lines="lines"` names the reverse accessors)."""
    found = []
    for accessor in entity.lines.split():
        relation = entity.model._meta.get_field(accessor)
        found.append(Kind(accessor, Entity.of(relation.related_model), relation.field.name))
    return found


def cards(parent: models.Model, actor: Any) -> list[SafeString]:
    """The lines of a record as small tables, for its page; in yuan, as unit prices vanish in larger units."""
    with render.money_in("yuan"):
        found = [
            related.card(
                kind.entity.model,
                actor,
                {kind.link: parent.pk},
                cols=" ".join(kind.names("list")),
                sort="id",
                most=MOST,
                hide_empty=True,
            )
            for kind in kinds_of(Entity.of(parent))
        ]
    return [card for card in found if card]


class LineForms:
    """The lines of one sort inside their parent's form: existing ones, and empty rows for new ones."""

    def __init__(
        self, kind: Kind, actor: Any, *, parent: Any = None, data: Mapping[str, str] | None = None, empty: int = 1
    ) -> None:
        self.kind = kind
        self.actor = actor
        self.label = kind.entity.plural
        self.prefix = f"{kind.accessor}-"
        self.names = [name for name in kind.names("form") if name not in access.masked(actor, kind.entity.model)]
        existing = {row.pk: row for row in (kind.rows(parent) if parent is not None else [])}
        self.forms: list[LineForm] = []
        if data is None:
            self.forms += [self._form(index, row, None) for index, row in enumerate(existing.values())]
        else:
            self.forms += self._posted(existing, data)
            empty = empty if "_more_lines" in data else 0
        for _index in range(empty):
            self.forms.append(self._form(len(self.forms), None, None))

    def _form(self, index: int, row: Any, data: Mapping[str, str] | None) -> LineForm:
        return LineForm(self.kind, self.actor, f"{self.prefix}{index}-", self.names, row, data)

    def _posted(self, existing: dict[int, Any], data: Mapping[str, str]) -> list[LineForm]:
        found = []
        for index in range(MOST):
            prefix = f"{self.prefix}{index}-"
            if not any(name.startswith(prefix) for name in data):
                continue
            raw = data.get(f"{prefix}id", "")
            row = existing.get(int(raw)) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None
            found.append(LineForm(self.kind, self.actor, prefix, self.names, row, data))
        return found

    def valid(self) -> bool:
        """Whether every line that is filled in can be stored."""
        fine = [form.valid() for form in self.forms]  # every line is asked, so that all problems show at once
        return all(fine)

    @property
    def next_index(self) -> int:
        """The number the next empty row gets."""
        return len(self.forms)

    def headers(self) -> list[str]:
        """Column headers of the editing table."""
        return [columns.heading(self.kind.entity.column(name)) for name in self.names]

    def write(self, work: Work, parent: Any) -> None:
        """Create, save and remove lines through the running work."""
        model = self.kind.entity.model
        fresh = [form.form.values | {self.kind.link: parent} for form in self.forms if form.is_new]
        gone = [form.row for form in self.forms if form.row is not None and form.removed]
        kept = [form for form in self.forms if form.row is not None and not form.removed and form.form.changed]
        for verb, wanted in (("create", fresh), ("delete", gone), ("change", kept)):
            if wanted and not access.may(self.actor, verb, model):
                raise Denied(verb, model)
        if gone:
            work.remove(*gone)
        for form in kept:
            for name, value in form.form.changed.items():
                setattr(form.row, name, value)
            self._kept(form, lambda form=form: work.save(form.row, expect_version=form.version))
        for form, values in zip([form for form in self.forms if form.is_new], fresh, strict=True):
            self._kept(form, lambda values=values: work.create(model, values))

    @staticmethod
    def _kept(form: LineForm, write: Any) -> None:
        """Show a line's problems in that line, then let the parent's write fail as a whole."""
        try:
            write()
        except Invalid as problem:
            form.form.take(problem)
            raise Invalid({"": [*form.form.errors]} if form.form.errors else {}) from problem


class LineForm:
    """One line: its inputs, whether it is empty, new, or to be removed."""

    def __init__(
        self, kind: Kind, actor: Any, prefix: str, names: list[str], row: Any, data: Mapping[str, str] | None
    ) -> None:
        self.prefix = prefix
        self.row = row
        self.data = data
        self.form = RecordForm(kind.entity, actor, row=row, data=data, prefix=prefix, names=names)
        for item in self.form.inputs.values():
            item.required = item.required and row is not None

    @property
    def removed(self) -> bool:
        """Whether the line was ticked for removal."""
        return self.data is not None and self.data.get(f"{self.prefix}remove") == "1"

    @property
    def blank(self) -> bool:
        """Whether nothing was typed into a new line."""
        if self.row is not None:
            return False
        fresh = RecordForm(self.form.entity, self.form.actor, prefix=self.prefix, names=list(self.form.inputs))
        return all(item.raw.strip() in ("", fresh.inputs[name].raw) for name, item in self.form.inputs.items())

    @property
    def is_new(self) -> bool:
        """Whether this line is to be created."""
        return self.row is None and not self.blank and not self.removed

    @property
    def version(self) -> int | None:
        """The version of the row the person saw."""
        raw = (self.data or {}).get(f"{self.prefix}version", "")
        return int(raw) if raw.isascii() and raw.isdigit() else None

    def valid(self) -> bool:
        """Blank and removed lines are always fine."""
        return True if self.blank or self.removed else self.form.valid()

    @property
    def html(self) -> SafeString:
        """The line as a row of the editing table."""
        hidden = ""
        if self.row is not None:
            hidden = controls.hidden(f"{self.prefix}id", self.row.pk)
            hidden += controls.hidden(f"{self.prefix}version", self.row.version)
        cells = format_html_join(
            "", "<td>{}{}</td>", ((_named(item), _errors(item)) for item in self.form.inputs.values())
        )
        drop = format_html(
            '<label class="check-line"><input type="checkbox" class="check" name="{}remove" value="1"{}>{}</label>',
            self.prefix,
            SafeString(" checked") if self.removed else "",
            _("Remove"),
        )
        return format_html("<tr>{}<td>{}{}</td></tr>", cells, hidden, drop if self.row is not None else "")


def _named(item: controls.Input) -> SafeString:
    return format_html('<label class="visually-hidden" for="{}">{}</label>{}', item.id, item.label, item.control)


def _errors(item: controls.Input) -> SafeString:
    if not item.errors:
        return SafeString("")
    return format_html('<p class="field-error" id="{}_error">{}</p>', item.id, " ".join(item.errors))


def write(
    entity: Entity,
    row: Any,
    values: Mapping[str, Any],
    sets: list[LineForms],
    *,
    actor: Any,
    expect_version: int | None = None,
) -> Done:
    """Create or change a record together with its lines: one transaction, one change entry.

    Raises Denied, Stale, Invalid, Refusal and then leaves no trace.
    """
    verb = "create" if row is None else "change"
    if not access.may(actor, verb, entity.model if row is None else row):
        raise Denied(verb, entity.model if row is None else row)
    hidden = access.masked(actor, entity.model)
    if hidden & set(values):
        raise Denied(verb, entity.model)
    name = "create" if row is None else "update"
    for key, value in values.items() if row is not None else ():
        setattr(row, key, value)
    with transaction.atomic():
        work = Work(actor, name, entity.name)
        rows = [] if row is None else [row]
        guard.check(f"{entity.name}.{name}", work=work, rows=rows, values=values if row is None else {})
        if row is None:
            row = work.create(entity.model, values)
        else:
            work.save(row, expect_version=expect_version)
        for each in sets:
            each.write(work, row)
        return Done(work.finish(), row)
