"""What must not become of a definition, and what follows when one changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy as _, ngettext, override

from xiaoguan.calc import formula
from xiaoguan.calc.formula import FormulaError, Node
from xiaoguan.kit import columns, guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models.own import FieldKind, OwnField
from xiaoguan.kit.own import definitions, formulas, indexes, recompute
from xiaoguan.kit.own.fields import column_of
from xiaoguan.kit.search import writing
from xiaoguan.lexicon import pinyin

WHY = "own fields: values are counted whoever may see their records"
MOST = 60
"""So many own fields a kind of record may have in use: each is a column to read, show and choose from."""
SET_IN_STONE = ("record", "code", "kind", "target", "decimals", "result")
"""What values depend on: it can't change once there are values."""


def code_of(label: str, taken: Iterable[str]) -> str:
    """A stable code from a label: pinyin for Chinese, the rest as it is, made unique by a number behind."""
    spoken = pinyin.readings(label)
    text = "".join(f"{every[0]}" if every else char for char, every in zip(label, spoken, strict=True))
    code = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:36]
    code = code if code[:1].isalpha() else f"f_{code}".rstrip("_")
    used, number, made = set(taken), 2, code
    while made in used:
        made, number = f"{code}_{number}", number + 1
    return made


def values_of(definition: OwnField) -> int:
    """How many records hold a value."""
    entity = entities[definition.record]
    if definitions.may_have(entity) and definition.key and f"extra__{definition.key}" in entity.own:
        return everything(entity.model, because=WHY).filter(**{f"extra__{definition.key}__isnull": False}).count()
    return 0


def taken_labels(entity: Entity, but: int | None = None) -> dict[str, str]:
    """Every name a field of this entity has, in any language, in small letters; retired own fields too."""
    found: dict[str, str] = {}
    names = {name for part in ("form", "list", "filter", "key") for name in entity.declared(part) if "__" not in name}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {text.lower(): text for name in names if (text := columns.heading(entity.column(name)))}
    own = (column for column in entity.own.values() if column.field.definition.pk != but)
    return found | {str(column.label).lower(): str(column.label) for column in own}


def _wrong(row: OwnField) -> dict[str, list[str]]:
    """What is wrong with a definition as it stands, by field."""
    entity = entities.get(row.record)
    if entity is None or not definitions.may_have(entity):
        return {"record": [gettext("This kind of record has no own fields.")]}
    if row.label.strip().lower() in taken_labels(entity, row.pk):
        return {
            "label": [gettext("There is a field “%(label)s” already. Choose another label.") % {"label": row.label}]
        }
    if re.search(r"[\[\]]", row.label):
        return {"label": [gettext("A label has no square brackets: formulas use them.")]}
    if row.code in reserved(entity, row.pk):
        return _taken(row.code)
    if row.kind == FieldKind.RECORD and row.target not in entities:
        return {"target": [gettext("Choose what it links to.")]}
    if len({str(each.get("label", "")).strip().lower() for each in row.choices}) < len(row.choices):
        return {"choices": [gettext("Two options have the same name.")]}
    if any(re.search("[,;|\uff0c\u3001\uff1b]", str(each.get("label", ""))) for each in row.choices):
        return {"choices": [gettext("An option has no comma or semicolon in its name.")]}
    return _wrong_formula(row, entity) if row.kind == FieldKind.FORMULA else {}


def reserved(entity: Entity, but: int | None = None) -> set[str]:
    """Codes nobody may choose: those of other own fields, retired ones too, and names of built-in fields."""
    own = {column.field.definition.code for column in entity.own.values() if column.field.definition.pk != but}
    return own | {field.name for field in entity.model._meta.get_fields()}


def read_formula(row: OwnField, entity: Entity) -> Node:
    """The formula of a definition; raises Invalid with the place of a mistake, or the way of a circle."""
    added = definitions.added(entity)
    known = added.known or formulas.sources(entity, added.columns)
    try:
        node = formula.parse(row.formula, formulas.by_label(known))
    except FormulaError as problem:
        raise Invalid({"formula": [formulas.sentence(problem, row.formula)]}) from problem
    path = f"extra__{row.key}"
    reads = [known[key].path for key in sorted(node.names())]
    if way := formulas.circle(path, reads, added.columns):
        names = " → ".join(row.label if each == path else str(entity.column(each).label) for each in [path, *way])
        said = gettext("A formula can't read itself: %(way)s.") % {"way": names}
        raise Invalid({"formula": [said]})
    wanted = {"money": "number"}.get(row.result, row.result)
    if node.type != wanted:
        words = {"is": formulas.TYPE_WORDS[node.type], "wanted": formulas.TYPE_WORDS.get(wanted, wanted)}
        raise Invalid({"result": [gettext("The formula comes to %(is)s, not to %(wanted)s.") % words]})
    return node


def _wrong_formula(row: OwnField, entity: Entity) -> dict[str, list[str]]:
    try:
        read_formula(row, entity)
    except Invalid as problem:
        return {name: [str(text) for text in texts] for name, texts in problem.errors.items()}
    row.formula = formulas.stored(row.formula, entity, definitions.of(entity))
    return {}


def check(rows: Sequence[OwnField]) -> None:
    """Raise Invalid for the first wrong definition."""
    for row in rows:
        if wrong := _wrong(row):
            raise Invalid(wrong)


def _taken(code: str) -> dict[str, list[str]]:
    return {"code": [gettext("The code “%(code)s” is taken. Choose another one.") % {"code": code}]}


@guard.register("kit.ownfield.create", code="own_field_code", label=_("An own field has a code of its own"))
def keep_codes_apart(attempt: guard.Attempt) -> None:
    """Say it in words before the database does."""
    for each in [attempt.values] if isinstance(attempt.values, Mapping) else attempt.values:
        entity = entities.get(each.get("record", ""))
        if entity is not None and each.get("code") in reserved(entity):
            raise Invalid(_taken(each["code"]))


@guard.register("kit.ownfield.update", code="own_field_sense", label=_("An own field keeps the kind of its values"))
def keep_kind(attempt: guard.Attempt) -> None:
    """Nothing is converted silently: with values there, kind and form stay."""
    for row in attempt.rows:
        changed = row.changed_fields()
        touched = [name for name in SET_IN_STONE if name in changed]
        if "code" in touched or "record" in touched:
            raise Invalid({"code": [gettext("The code is the key of all values and never changes.")]})
        if touched and row.kind != FieldKind.FORMULA and (n := values_of(row)):
            raise Invalid({touched[0]: [in_the_way(n)]})
        _keep_options(row, changed)
    if any(set(row.changed_fields()) - {"position", "active", "in_list"} for row in attempt.rows):
        check(attempt.rows)


def in_the_way(n: int) -> str:
    """Why the kind stays, and what to do instead."""
    return ngettext(
        "%(n)s record has a value, so this can't change. Add a second field, move the value there, retire this one.",
        "%(n)s records have a value, so this can't change. Add a second field, move the values there by export and"
        " import, then retire this one.",
        n,
    ) % {"n": f"{n:,}"}


def _keep_options(row: OwnField, changed: dict[str, Any]) -> None:
    """An option that records have can be renamed, not removed."""
    if "choices" not in changed or row.kind not in (FieldKind.CHOICE, FieldKind.CHOICES):
        return
    entity, now = entities[row.record], {each["code"] for each in row.choices}
    several = row.kind == FieldKind.CHOICES
    for gone in (each for each in changed["choices"][0] if each["code"] not in now):
        lookup = (
            {f"extra__{row.key}__contains": f'"{gone["code"]}"'} if several else {f"extra__{row.key}": gone["code"]}
        )
        if n := everything(entity.model, because=WHY).filter(**lookup).count():
            said = ngettext(
                "“%(option)s” stays: %(n)s record has it. Give that record another option first.",
                "“%(option)s” stays: %(n)s records have it. Give them another option first.",
                n,
            ) % {"option": gone["label"], "n": f"{n:,}"}
            raise Invalid({"choices": [said]})


@guard.register(
    "kit.ownfield.delete", code="own_field_values", label=_("An own field with values is retired, not deleted")
)
def keep_values(attempt: guard.Attempt) -> None:
    """Values must not lose their name, nor formulas what they read."""
    for row in attempt.rows:
        if n := values_of(row):
            said = ngettext(
                "%(n)s record has a value. Retire the field: it disappears everywhere and keeps its values.",
                "%(n)s records have a value. Retire the field: it disappears everywhere and keeps its values.",
                n,
            ) % {"n": f"{n:,}"}
            raise Invalid({"": [said]})
        path = f"extra__{row.key}"
        for column in entities[row.record].own.values():
            if path in column.field.reads:
                said = gettext("The formula “%(label)s” reads it. Change that one first.") % {"label": column.label}
                raise Invalid({"": [said]})


@consequence(OwnField)
def follow(work: Work, rows: Sequence[OwnField], fresh: bool) -> None:
    """Indexes, formulas and search keys follow the definitions."""
    if fresh:
        typed = [row.formula for row in rows]
        check(rows)
        for row in (row for row, text in zip(rows, typed, strict=True) if row.formula != text):
            OwnField._default_manager.filter(pk=row.pk).update(formula=row.formula)
    for row in rows:
        changed = set() if fresh else set(row.changed_fields())
        if fresh or changed & {"active", "deleted_at", "kind", "result"}:
            indexes.follow(row)
        if row.formula and (fresh or changed & {"formula", "result", "decimals", "active"}):
            recompute.follow(row.record)
        column = column_of(row, entities[row.record].model) if row.record in entities else None
        if not fresh and column is not None and "find" in column.field.parts and changed & {"active", "deleted_at"}:
            writing.rebuild(row.record)
    used = {row.record for row in rows if fresh or "active" in row.changed_fields()}
    for record in used:
        n = OwnField._default_manager.filter(record=record, active=True, deleted_at__isnull=True).count()
        if n > MOST:
            said = gettext("There are %(most)s own fields already. Retire one first.") % {"most": MOST}
            raise Invalid({"": [said]})
