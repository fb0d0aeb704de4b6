"""Nested conditions of a list: from the expression of an address to the database's condition, and to words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

from xiaoguan.kit import access, expression, filters, kinds
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.expression import Group, Malformed, Node, Term

PARAM = "where"
EMPTY = Group("and", ())


@dataclass(frozen=True)
class Where(filters.Filter):
    """One part of the expression that stands as a chip of its own; `rest` is the expression without it."""

    rest: str = ""


def fields(entity: Entity, actor: Any) -> dict[str, Column]:
    """What a condition may name: the list's own fields, and those of the records it links to, one step away."""
    found = {name: entity.column(name) for name in filters.names(entity, actor)}
    for name in [name for name in found if "__" not in name]:
        linked = found[name].field.related_model if found[name].field.is_relation else None
        other = entities.get(linked._meta.label_lower) if linked is not None else None
        if other is None or found[name].kind.code == "person" or not access.may(actor, "view", other.model):
            continue
        for inner in other.names("filter"):
            path = f"{name}__{inner}"
            if "__" not in inner and path not in found and access.readable(actor, entity, path):
                found[path] = entity.column(path)
    return found


def read(entity: Entity, text: str, actor: Any) -> tuple[list[Where], list[str]]:
    """The parts of an expression, and a sentence for each that can't be used; those are left out."""
    try:
        tree = expression.parse(text)
    except Malformed:
        return [], [_("The nested filter of this address can't be read; it was left out.")]
    reader = Reader(entity, actor)
    kept = reader.usable(tree)
    parts = kept.parts if isinstance(kept, Group) and kept.op == "and" else [kept] if kept else []
    found = []
    for index, part in enumerate(parts):
        others = tuple(each for at, each in enumerate(parts) if at != index)
        rest = expression.write(others[0] if len(others) == 1 else Group("and", others)) if others else ""
        said = capfirst(reader.words(part))
        found.append(Where(PARAM, expression.write(part), reader.condition(part), None, said, rest))
    return found, reader.problems


class Reader:
    """Turns the nodes of an expression into conditions and words for one actor."""

    def __init__(self, entity: Entity, actor: Any) -> None:
        self.entity = entity
        self.actor = actor
        self.fields = fields(entity, actor)
        self.named = filters.conditions(entity, actor)
        self.own = set(filters.names(entity, actor))
        self.problems: list[str] = []
        self._conditions: dict[Term, Q] = {}

    def usable(self, node: Node) -> Node | None:
        """The tree without what this actor can't ask; what is left out is told."""
        if isinstance(node, Group):
            parts = tuple(part for each in node.parts if (part := self.usable(each)) is not None)
            return Group(node.op, parts) if parts else None
        known = node.raw in self.named if node.name == filters.NAMED else node.name in self.fields
        if not known:
            name = node.raw if node.name == filters.NAMED else node.name
            self.problems.append(_("There is no filter “%(name)s” here; it was left out.") % {"name": name[:60]})
            return None
        try:
            self._conditions[node] = self._test(node)
        except (kinds.Unparsable, ValidationError, ValueError, OverflowError, FieldDoesNotExist):
            words = {"name": filters.label(self.fields[node.name]), "value": node.raw[:60]}
            self.problems.append(_("“%(value)s” is no value for %(name)s; this filter was left out.") % words)
            return None
        return node

    def _test(self, test: Term) -> Q:
        if test.name == filters.NAMED:
            return self.named[test.raw].give(self.actor)
        column = self.fields[test.name]
        if test.name in self.own:
            return filters.where(column, test.raw, self.actor)
        # Beyond what the list itself may ask, only linked records that the actor sees may answer.
        link, _mark, name = test.name.partition("__")
        model = self.fields[link].field.related_model
        inner = filters.where(Entity.of(model).column(name), test.raw, self.actor)
        return Q(**{f"{link}__in": access.visible(model, self.actor).filter(inner).values("pk")})

    def condition(self, node: Node) -> Q:
        """The database's condition of a usable tree."""
        if isinstance(node, Term):
            return self._conditions[node]
        found = Q()
        for part in node.parts:
            found = found & self.condition(part) if node.op == "and" else found | self.condition(part)
        return ~found if node.op == "not" else found

    def words(self, node: Node, *, inside: bool = False) -> str:
        """A usable tree in the reader's language, with brackets where the order would be unclear."""
        if isinstance(node, Term):
            if node.name == filters.NAMED:
                return str(self.named[node.raw].label)
            column = self.fields[node.name]
            return f"{filters.label(column)} {filters.value_words(column, node.raw, self.actor)}"
        if node.op == "not":
            joined = pgettext("between conditions", " or ").join(self.words(part, inside=True) for part in node.parts)
            return _("not (%(conditions)s)") % {"conditions": joined}
        between = (
            pgettext("between conditions", " and ") if node.op == "and" else pgettext("between conditions", " or ")
        )
        joined = between.join(self.words(part, inside=True) for part in node.parts)
        return f"({joined})" if inside and len(node.parts) > 1 else joined
