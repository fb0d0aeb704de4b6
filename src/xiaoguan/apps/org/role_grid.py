"""What a role allows, as a grid of record types and verbs that an administrator edits.

A cell holds a rule of its own or follows a wider one: the record type's «any other», its group, everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.org.models import Role
from xiaoguan.apps.org.seeds import ROLES
from xiaoguan.kit import access, columns, history
from xiaoguan.kit.access import SCOPES, VERBS
from xiaoguan.kit.entity import Entity, entities

SCOPE_WORDS = {
    "none": gettext_lazy("no"),
    "self": gettext_lazy("own"),
    "team": gettext_lazy("team's"),
    "all": gettext_lazy("all"),
}
VERB_WORDS = {
    "view": gettext_lazy("see"),
    "create": gettext_lazy("create"),
    "change": gettext_lazy("change"),
    "delete": gettext_lazy("delete"),
    "import": gettext_lazy("import"),
    "export": gettext_lazy("export"),
}
ANY = "*"
FIGURES = "metrics.figures"
PARTS: dict[str, Any] = {}
"""Chapters of the figures, by code, that a role may hide; the app that keeps the dictionary names them."""
FURTHER = {"org.person": {"invite": gettext_lazy("make one-time links")}}
"""Verbs that no declared action stands for."""

Rules = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Cell:
    """One verb on one record type: the rule written for it (empty: none), and what it follows otherwise."""

    name: str
    label: str
    verb: str
    own: str
    inherited: str
    source: str
    default: str | None

    @property
    def scope(self) -> str:
        """What holds."""
        return self.own or self.inherited

    @property
    def word(self) -> str:
        """What holds, in words."""
        return str(SCOPE_WORDS[self.scope])

    @property
    def follows(self) -> str:
        """The choice that takes the cell's own rule away."""
        word = str(SCOPE_WORDS[self.inherited])
        return f"{word} ← {self.source}" if self.source else word

    @property
    def told(self) -> str:
        """Where a followed rule stands, in words."""
        return _("follows %(source)s") % {"source": self.source} if self.source else _("no rule")

    @property
    def differs(self) -> bool:
        """Whether it is no longer as delivered."""
        return self.default is not None and self.default != self.scope

    @property
    def was(self) -> str:
        """How it was delivered, in words."""
        return _("As delivered: %(scope)s") % {"scope": SCOPE_WORDS[self.default]} if self.default else ""


@dataclass(frozen=True)
class Mask:
    """One field that a role may hide."""

    name: str
    label: str
    hidden: bool
    differs: bool


@dataclass(frozen=True)
class Row:
    """One record type, a group of them or everything: cells in the order of the verbs, then verbs of its own."""

    name: str
    label: str
    cells: list[Cell]
    further: list[Cell]
    masks: list[Mask]
    group: bool = False

    @property
    def hidden(self) -> int:
        """How many fields are hidden."""
        return sum(mask.hidden for mask in self.masks)

    @property
    def further_set(self) -> bool:
        """Whether a verb of its own has a rule of its own."""
        return any(cell.own or cell.differs for cell in self.further)


def verb_word(entity: Entity | None, verb: str) -> str:
    """A verb as people say it: the kit's six, else the labels of the actions that ask for it."""
    if verb in VERB_WORDS:
        return str(VERB_WORDS[verb])
    if verb == ANY:
        return _("anything else")
    labels = dict.fromkeys(str(each.label) for each in entity.actions.values() if each.verb == verb) if entity else {}
    further = FURTHER.get(entity.name, {}).get(verb) if entity else None
    return " / ".join(labels) or str(further or verb)


def verbs_of(entity: Entity) -> list[str]:
    """The verbs of an entity beside the kit's six."""
    found = dict.fromkeys([*(each.verb for each in entity.actions.values()), *FURTHER.get(entity.name, {})])
    return [verb for verb in found if verb not in VERBS]


def rows(role: Role, grants: Rules | None = None, masks: Mapping[str, Iterable[str]] | None = None) -> list[Row]:
    """The whole grid of a role as stored, or as other grants and masks would make it."""
    rules = role.grants if grants is None else grants
    hidden = role.masks if masks is None else masks
    seeded = ROLES.get(role.code or "")
    normal: Rules | None = seeded["grants"] if seeded else None
    normal_masks = seeded.get("masks", {}) if seeded else None
    found = [_row(rules, normal, ANY, _("Everything"), None, group=True)]
    group = ""
    for entity in shown():
        if entity.model._meta.app_label != group:
            group = entity.model._meta.app_label
            title = str(apps.get_app_config(group).verbose_name)
            found.append(_row(rules, normal, f"{group}.*", title, None, group=True))
        row = _row(rules, normal, entity.name, entity.plural, entity)
        row.masks.extend(_masks(entity, hidden, normal_masks))
        found.append(row)
    row = _row(rules, normal, FIGURES, _("Figures of people"), None)
    row.masks.extend(_marked(PARTS, FIGURES, hidden, normal_masks))
    return [*found, row]


def shown() -> list[Entity]:
    """Record types people know: those with a place of their own or a form; those of an app stand together."""
    known = [entity for entity in entities.values() if entity.nav or entity.names("form")]
    order = list(dict.fromkeys(entity.model._meta.app_label for entity in known))
    return sorted(known, key=lambda entity: order.index(entity.model._meta.app_label))


def _row(
    rules: Rules, normal: Rules | None, name: str, label: str, entity: Entity | None, *, group: bool = False
) -> Row:
    title = capfirst(label)
    verbs = ("view",) if name == FIGURES else VERBS
    further = [ANY] if group else verbs_of(entity) if entity else []
    make = [[_cell(rules, normal, name, title, entity, verb) for verb in part] for part in (verbs, further)]
    return Row(name, title, make[0], make[1], [], group)


def _cell(rules: Rules, normal: Rules | None, name: str, title: str, entity: Entity | None, verb: str) -> Cell:
    own = rules.get(name, {}).get(verb, "")
    without = {**rules, name: {what: scope for what, scope in rules.get(name, {}).items() if what != verb}}
    wider = access.rule(without, name, verb)
    words = verb_word(entity, verb)
    return Cell(
        name=f"{name}:{verb}",
        label=f"{title}: {words}",
        verb=capfirst(words),
        own=own,
        inherited=wider[2] if wider else "none",
        source=_source(wider, name),
        default=None if normal is None else _scope(normal, name, verb),
    )


def _scope(rules: Rules, name: str, verb: str) -> str:
    found = access.rule(rules, name, verb)
    return found[2] if found else "none"


def _source(wider: tuple[str, str, str] | None, name: str) -> str:
    """Where a followed rule stands, in words."""
    if wider is None:
        return ""
    where, verb, _found = wider
    if where == name:
        return _("rest")
    if where == ANY:
        return _("everything")
    title = str(apps.get_app_config(where.partition(".")[0]).verbose_name)
    return title if verb == ANY else _("%(group)s: %(verb)s") % {"group": title, "verb": verb_word(None, verb)}


def fields_of(entity: Entity) -> list[str]:
    """The fields of an entity that a role may hide; what recognises a record stays."""
    parts = ("list", "form", "filter", "find", "sums")
    names = dict.fromkeys(name for part in parts for name in entity.names(part) if "__" not in name)
    return [name for name in names if name not in entity.names("title")]


def _masks(entity: Entity, hidden: Mapping[str, Iterable[str]], normal: Any) -> Iterator[Mask]:
    said = {*hidden.get(entity.name, ()), *(normal or {}).get(entity.name, ())}
    names = dict.fromkeys([*fields_of(entity), *sorted(said)])
    return _marked({name: columns.heading(entity.column(name)) for name in names}, entity.name, hidden, normal)


def _marked(labels: Mapping[str, Any], what: str, hidden: Mapping[str, Iterable[str]], normal: Any) -> Iterator[Mask]:
    """What a role may hide of something, by code: whether it does, and whether that is as delivered."""
    now = set(hidden.get(what, ()))
    then = now if normal is None else set(normal.get(what, ()))
    for name, label in labels.items():
        yield Mask(name, capfirst(str(label)), name in now, (name in now) != (name in then))


def changed(role: Role, data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The role's grants with the cells of a posted grid that differ; an empty choice takes a cell's own rule away."""
    grants: dict[str, dict[str, str]] = {name: dict(verbs) for name, verbs in role.grants.items()}
    for row in rows(role):
        for cell in [*row.cells, *row.further]:
            wanted = data.get(cell.name, cell.own)
            if wanted == cell.own or (wanted and wanted not in SCOPES):
                continue
            name, _mark, verb = cell.name.partition(":")
            if wanted:
                grants.setdefault(name, {})[verb] = wanted
            else:
                grants[name].pop(verb)
    return {name: verbs for name, verbs in grants.items() if verbs}


def masked(role: Role, data: QueryDict) -> dict[str, list[str]]:
    """The role's masks with those of a posted grid; record types the form did not show stay as they were."""
    masks = {name: list(names) for name, names in role.masks.items()}
    for row in rows(role):
        if f"masks:{row.name}" in data:
            wanted = set(data.getlist(f"mask:{row.name}"))
            masks[row.name] = [mask.name for mask in row.masks if mask.name in wanted]
    return {name: names for name, names in masks.items() if names}


def standard(role: Role) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Grants and masks of a built-in role as delivered; None for a company's own role."""
    seeded = ROLES.get(role.code or "")
    return None if seeded is None else (dict(seeded["grants"]), dict(seeded.get("masks", {})))


def is_standard(role: Role) -> bool:
    """Whether a role says exactly what it said when delivered."""
    found = standard(role)
    return found is None or found == (role.grants, role.masks)


@dataclass(frozen=True)
class Changed:
    """One cell or mask that two versions of a role, or two roles, say differently."""

    name: str
    label: str
    before: str
    after: str


def differences(before: Sequence[Row], after: Sequence[Row]) -> list[Changed]:
    """What two grids say differently, in their order."""
    found = []
    for old, new in zip(before, after, strict=True):
        for one, other in zip([*old.cells, *old.further], [*new.cells, *new.further], strict=True):
            if one.scope != other.scope:
                found.append(Changed(one.name, one.label, one.word, other.word))
        hidden = {mask.name: mask for mask in new.masks}
        for mask in old.masks:
            other_mask = hidden.pop(mask.name, None)
            now = other_mask is not None and other_mask.hidden
            if mask.hidden != now:
                found.append(_mask_changed(old, mask, hides=now))
        found += [_mask_changed(old, mask, hides=True) for mask in hidden.values() if mask.hidden]
    return found


def _mask_changed(row: Row, mask: Mask, *, hides: bool) -> Changed:
    words = {False: _("shown"), True: _("hidden")}
    return Changed(f"{row.name}:{mask.name}", f"{row.label}: {mask.label}", words[not hides], words[hides])


def _told(before: Any, after: Any, kind: str) -> Iterator[history.Difference]:
    old, new = Role(), Role()
    setattr(old, kind, before or {})
    setattr(new, kind, after or {})
    for each in differences(rows(old), rows(new)):
        was, now = format_html("{}", each.before), format_html("{}", each.after)
        yield history.Difference(each.name, each.label, was, now)


@history.tell("org.role", "grants")
def _tell_grants(reader: history.Reader, before: Any, after: Any) -> Iterable[history.Difference]:
    """A changed role as the cells that changed."""
    return _told(before, after, "grants")


@history.tell("org.role", "masks")
def _tell_masks(reader: history.Reader, before: Any, after: Any) -> Iterable[history.Difference]:
    """A changed role as the fields that are hidden or shown now."""
    return _told(before, after, "masks")
