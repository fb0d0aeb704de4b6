"""What the importing person decided, kept as JSON: the wizard, the command line and a remembered recipe share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.errors import KitError
from xiaoguan.lexicon.numerals import SCALES
from xiaoguan.transfer.alike import WAYS

MODES = ("create", "update", "both")
POLICIES = ("create", "blank", "error")
EMPTY = ("keep", "clear")
ORDERS = ("ymd", "dmy", "mdy", "year")
NEVER = "none"
"""As `key`: every row is a new record, nothing is looked for."""


class BadOptions(KitError):
    """A decision that makes no sense; the text names it."""


@dataclass
class Options:
    """All decisions about one import; an empty value means «decide by what the file shows».

    `columns` maps a header to a slot name, an empty slot name leaves the column out. `values` maps
    slot → the text in the file → {"id": 5}, {"text": "2026-11-13"} or {"blank": true}. `relations`
    says per slot what happens when a name is not found, `empty` whether an empty cell keeps or clears what
    an existing record has. `more` belongs to the entity's own importer.
    """

    sheet: str = ""
    encoding: str = ""
    header: list[int] | None = None
    columns: dict[str, str] = field(default_factory=dict)
    mode: str = "both"
    key: str = ""
    empty: str = "keep"
    units: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    relations: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    alike: dict[str, dict[str, Any]] = field(default_factory=dict)
    alike_all: str = ""
    twins: bool = False
    guessed_rows: bool = False
    year: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._one_of("mode", self.mode, MODES)
        self._one_of("empty", self.empty, EMPTY)
        self._one_of("alike_all", self.alike_all, ("", *WAYS))
        for policy in self.relations.values():
            self._one_of("relations", policy, POLICIES)
        for order in self.orders.values():
            self._one_of("orders", order, ORDERS)
        for unit in self.units.values():
            self._one_of("units", unit, tuple(SCALES))

    def _one_of(self, name: str, value: Any, allowed: tuple[str, ...]) -> None:
        if value not in allowed:
            choices = ", ".join(filter(None, allowed))
            raise BadOptions(_("%(name)s can't be “%(value)s”; it is one of: %(choices)s.") % {
                "name": name, "value": value, "choices": choices,
            })  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Options:
        """Options from stored or hand-written JSON/YAML; raises BadOptions for a wrong name or value."""
        known = {each.name: each for each in fields(cls)}
        for name, value in data.items():
            if name not in known:
                raise BadOptions(_("There is no option “%(name)s”; there are: %(names)s.") % {
                    "name": name, "names": ", ".join(known),
                })  # fmt: skip
            wanted = known[name].type
            if str(wanted).startswith("dict") and not isinstance(value, Mapping):
                raise BadOptions(_("The option “%(name)s” needs a list of names and values.") % {"name": name})
        values = {slot: {str(text): _target(to) for text, to in words.items()} for slot, words in
                  (data.get("values") or {}).items()}  # fmt: skip
        header = data.get("header")
        header = [header] if isinstance(header, int) else header
        columns = {str(name): str(slot or "") for name, slot in (data.get("columns") or {}).items()}
        return cls(**{**data, "values": values, "header": header, "columns": columns})

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def _target(to: Any) -> dict[str, Any]:
    """A short form of a hand-written map: a text is a text, nothing is blank."""
    if isinstance(to, Mapping):
        return dict(to)
    return {"blank": True} if to in (None, "") else {"text": str(to)}
