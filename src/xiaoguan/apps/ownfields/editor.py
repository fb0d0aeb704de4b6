"""The form of a definition: what each kind needs, what was typed, what is wrong with it, what a formula comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.kit import access, columns, titles
from xiaoguan.kit.columns import Reading
from xiaoguan.kit.controls import CHIPS, LONG, Input
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Invalid
from xiaoguan.kit.models.own import FieldKind, OwnField, Result
from xiaoguan.kit.own import definitions, formulas, rules
from xiaoguan.kit.own.fields import column_of

K = FieldKind
ICONS = {
    K.TEXT: "note", K.LONG: "notes", K.NUMBER: "ruler", K.MONEY: "currency-yuan", K.DATE: "calendar", K.TIME: "clock",
    K.CHOICE: "list", K.CHOICES: "list-check", K.PERSON: "user", K.RECORD: "link", K.PHONE: "phone",
    K.ADDRESS: "map-pin", K.FILE: "paperclip", K.FORMULA: "calculator",
}  # fmt: skip
SAID = {
    K.TEXT: gettext_lazy("one line, up to 200 characters"),
    K.LONG: gettext_lazy("sentences; searched, not filtered"),
    K.NUMBER: gettext_lazy("with as many decimals as you say; can be summed"),
    K.MONEY: gettext_lazy("in yuan, exact to the fen; can be summed"),
    K.DATE: gettext_lazy("a day; filters such as this month"),
    K.TIME: gettext_lazy("a time of day"),
    K.CHOICE: gettext_lazy("one of a list you write"),
    K.CHOICES: gettext_lazy("several of a list you write"),
    K.PERSON: gettext_lazy("somebody of the company"),
    K.RECORD: gettext_lazy("a link to a customer, deal or other record"),
    K.PHONE: gettext_lazy("typed in any style, shown in one; dials on a phone"),
    K.ADDRESS: gettext_lazy("one line, up to 300 characters"),
    K.FILE: gettext_lazy("a picture, PDF, document or drawing; opened from the record"),
    K.FORMULA: gettext_lazy("worked out from other fields of the same record"),
}
NEWEST = 5
MOST_DECIMALS = 6


@dataclass(frozen=True)
class Tile:
    """One kind to choose from."""

    code: str
    label: str
    said: str
    icon: str


def tiles() -> list[Tile]:
    """Every kind, in the order people look for them."""
    return [Tile(str(kind), capfirst(str(kind.label)), str(SAID[kind]), ICONS[kind]) for kind in FieldKind]


class Editor:
    """One definition of one entity as a form shows it."""

    def __init__(
        self, entity: Entity, actor: Any, kind: str, row: OwnField | None = None, data: Mapping[str, str] | None = None
    ) -> None:
        self.entity, self.actor, self.kind, self.row, self.data = entity, actor, FieldKind(kind), row, data
        self.errors: list[str] = []
        self.held = rules.values_of(row) if row is not None else 0
        self.inputs = {item.name: item for item in self._inputs()}
        self.options = self._options()

    # Showing ----------------------------------------------------------------------------------------------------

    def _raw(self, name: str, start: Any = "") -> str:
        if self.data is not None:
            return self.data.get(name, "")
        return str(getattr(self.row, name)) if self.row is not None else str(start)

    def _inputs(self) -> list[Input]:
        found = [Input("label", _("Label"), raw=self._raw("label"), required=True, max_length=60)]
        found[0].help = _("As people see it in forms, lists and files.")
        if self.row is None:
            code = Input("code", _("Code"), raw=self._raw("code"), max_length=40)
            code.help = _("Made from the label if you leave it empty. It never changes: files and the API use it.")
            found.append(code)
        found += self._of_kind()
        found.append(Input("help", _("Help"), raw=self._raw("help"), max_length=200))
        found[-1].help = _("One sentence that stands under the field.")
        return found

    def _of_kind(self) -> list[Input]:
        locked = rules.in_the_way(self.held) if self.held else ""
        if self.kind in (K.CHOICE, K.CHOICES):
            words = _("More options") if self.row is not None else _("Options")
            raw = (self.data or {}).get("choices", "")
            item = Input("choices", words, kind=LONG, raw=raw, required=self.row is None)
            item.help = _("One option per line, in the order of the list.")
            return [item]
        if self.kind == K.RECORD:
            pairs = [(each.name, capfirst(each.label)) for each in linkable(self.actor)]
            return [self._choice("target", _("Links to"), pairs, locked)]
        if self.kind == K.NUMBER:
            return [self._decimals(locked)]
        if self.kind == K.FORMULA:
            raw = self._raw("formula")
            if self.data is None and self.row is not None:
                raw = formulas.shown(raw, self.entity, definitions.of(self.entity))
            item = Input("formula", _("Formula"), kind=LONG, raw=raw, required=True)
            result = self._choice("result", _("Result"), [(str(c), capfirst(str(t))) for c, t in Result.choices], "")
            return [item, result, self._decimals(_("For a result that is a number."))]
        return []

    def _choice(self, name: str, label: str, pairs: list[tuple[str, str]], locked: str) -> Input:
        item = Input(name, label, kind="choice", raw=self._raw(name), required=True, help=locked)
        item.choices = [pair for pair in pairs if not locked or pair[0] == item.raw]
        return item

    def _decimals(self, said: str) -> Input:
        item = Input("decimals", _("Decimals"), kind=CHIPS, raw=self._raw("decimals", 0) or "0", help=said)
        held = self.held and self.kind != K.FORMULA
        item.choices = [(str(n), str(n)) for n in range(MOST_DECIMALS + 1) if not held or str(n) == item.raw]
        return item

    def _options(self) -> list[Input]:
        """The options that are there: each can be renamed; an emptied one goes if no record has it."""
        found = []
        for each in self.row.choices if self.row is not None else ():
            name = f"option_{each['code']}"
            raw = each["label"] if self.data is None else self.data.get(name, "")
            found.append(Input(name, _("Option %(label)s") % {"label": each["label"]}, raw=raw, max_length=60))
        return found

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        if self.data is not None:
            return name in self.data
        return bool(getattr(self.row, name)) if self.row is not None else False

    @property
    def required(self) -> bool:
        """The box «required»."""
        return self.ticked("required")

    @property
    def in_list(self) -> bool:
        """The box «in lists»."""
        return self.ticked("in_list")

    @property
    def can_be_required(self) -> bool:
        """A formula asks nobody."""
        return self.kind != K.FORMULA

    @property
    def is_formula(self) -> bool:
        """Whether to show what a formula may use."""
        return self.kind == K.FORMULA

    @property
    def readable_names(self) -> list[str]:
        """What a formula may read, as it is typed."""
        known = formulas.sources(self.entity, definitions.of(self.entity))
        own = self.row.key if self.row is not None else ""
        return [f"[{source.label}]" for key, source in known.items() if key != own]

    # Reading ----------------------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """What the form says, for the action."""
        data = self.data or {}
        found: dict[str, Any] = {
            "label": " ".join(data.get("label", "").split()),
            "help": data.get("help", "").strip(),
            "required": "required" in data and self.can_be_required,
            "in_list": "in_list" in data,
        }
        for name in ("target", "result"):
            if name in self.inputs:
                found[name] = data.get(name, "")
        if "formula" in self.inputs:
            found["formula"] = " ".join(data.get("formula", "").split())
        if "decimals" in self.inputs:
            raw = data.get("decimals", "0")
            found["decimals"] = int(raw) if raw in {str(n) for n in range(MOST_DECIMALS + 1)} else 0
        if "choices" in self.inputs:
            found["choices"] = self._chosen()
        if self.row is None:
            found |= {"record": self.entity.name, "kind": str(self.kind), "code": self._code(found["label"])}
        return found

    def _code(self, label: str) -> str:
        typed = (self.data or {}).get("code", "").strip().lower()
        return typed or rules.code_of(label, rules.reserved(self.entity))

    def _chosen(self) -> list[dict[str, str]]:
        """The options that stay, with their codes, and the new ones, with codes made from their words."""
        data = self.data or {}
        found = []
        for each in self.row.choices if self.row is not None else ():
            label = " ".join(data.get(f"option_{each['code']}", each["label"]).split())
            if label:
                found.append({"code": each["code"], "label": label})
        taken = [each["code"] for each in found]
        for line in data.get("choices", "").splitlines():
            if label := " ".join(line.split())[:60]:
                code = rules.code_of(label, taken)
                taken.append(code)
                found.append({"code": code, "label": label})
        return found

    def take(self, problem: Invalid) -> None:
        """Put what is wrong beside its input."""
        for name, texts in problem.errors.items():
            item = self.inputs.get(name)
            said = [str(text) for text in texts]
            if item is not None:
                item.errors += said
            else:
                self.errors += said

    def results(self) -> list[tuple[str, SafeString]] | None:
        """What the typed formula comes to for the newest records the person sees; None where it is wrong."""
        given = self.values()
        probe = OwnField(**{**given, "record": self.entity.name, "kind": K.FORMULA, "code": given.get("code", "probe")})
        probe.code, probe.pk = (self.row.code, self.row.pk) if self.row is not None else (probe.code, None)
        try:
            node = rules.read_formula(probe, self.entity)
        except Invalid as problem:
            self.take(problem)
            return None
        column = column_of(probe, self.entity.model)
        assert column is not None
        known = formulas.sources(self.entity, definitions.of(self.entity))
        show = columns.show(column, Reading(self.actor, titles.tokens([self.entity.model])))
        rows = access.visible(self.entity.model, self.actor).order_by("-pk")[:NEWEST]
        found = []
        for row in rows:
            kept = formulas.as_stored(formulas.result(node, known, row), column.field)
            found.append((self.entity.title_of(row), SafeString(show(column.field.to_python(kept)))))
        return found


def linkable(actor: Any) -> list[Entity]:
    """The entities a link may point at: those with pages of their own in the navigation."""
    return [each for each in entities.values() if each.nav and access.may(actor, "view", each.model)]
