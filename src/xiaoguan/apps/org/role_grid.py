"""What a role allows, as a grid of record types and verbs that an administrator edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.org.models import Role
from xiaoguan.kit.access import SCOPES, VERBS, Grants
from xiaoguan.kit.entity import Entity, entities

SCOPE_WORDS = {"none": _("no"), "self": _("own"), "team": _("team's"), "all": _("all")}
VERB_WORDS = {
    "view": _("see"),
    "create": _("create"),
    "change": _("change"),
    "delete": _("delete"),
    "import": _("import"),
    "export": _("export"),
}
FIGURES = "metrics.figures"


@dataclass(frozen=True)
class Cell:
    """One verb on one record type: its name in the form and the scope now."""

    name: str
    label: str
    scope: str
    word: str


@dataclass(frozen=True)
class Row:
    """One record type with its cells in the order of the verbs."""

    label: str
    cells: list[Cell]


def rows(role: Role) -> list[Row]:
    """The whole grid of a role, record types in the order of their apps; figures come last."""
    grants = Grants.of_roles([(role.grants, {})])
    found = [_row(grants, entity.name, entity.plural, VERBS) for entity in _shown()]
    return [*found, _row(grants, FIGURES, gettext("Figures of people"), ("view",))]


def _shown() -> list[Entity]:
    """Record types people know: those with a place of their own or a form."""
    return [entity for entity in entities.values() if entity.nav or entity.names("form")]


def _row(grants: Grants, name: str, label: str, verbs: tuple[str, ...]) -> Row:
    cells = []
    for verb in verbs:
        scope = grants.scope(name, verb)
        said = f"{label}: {VERB_WORDS[verb]}"
        cells.append(Cell(f"{name}:{verb}", said, scope, str(SCOPE_WORDS[scope])))
    return Row(capfirst(label), cells)


def changed(role: Role, data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The role's grants with the cells of a posted grid that differ written out; all else stays as it was."""
    grants: dict[str, dict[str, str]] = {name: dict(verbs) for name, verbs in role.grants.items()}
    for row in rows(role):
        for cell in row.cells:
            wanted = data.get(cell.name, cell.scope)
            if wanted in SCOPES and wanted != cell.scope:
                name, _mark, verb = cell.name.partition(":")
                grants.setdefault(name, {})[verb] = wanted
    return grants
