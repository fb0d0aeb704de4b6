"""The builder of nested conditions: a plain form that HTMX redraws, with the number of matching rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from xiaoguan.kit import access, expression, filters, operators, wheres
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.expression import Group, Malformed, Node, Term
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.list import MODES, flat

_PLACE = re.compile(r"_([kn])\.(r(?:-\d{1,3})*)")


@dataclass
class Box:
    """One place of the form: a group with places inside, or a condition; `at` is its path, `r-0-2`."""

    at: str
    op: str = ""
    boxes: list[Box] = field(default_factory=list)
    name: str = ""
    values: list[str] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        """Whether it holds others."""
        return self.at == "r" or self.op in expression.OPS

    @property
    def may_nest(self) -> bool:
        """Whether a group may be put into it."""
        return self.at.count("-") < expression.DEEPEST - 3

    def all(self) -> Iterator[Box]:
        """It and every place inside."""
        yield self
        for each in self.boxes:
            yield from each.all()


def where_page(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Show the builder; with `_apply` go back to the list under the expression."""
    actor = request.user
    if not access.may(actor, "view", entity.model):
        raise Denied("view", entity.model)
    rest = {name: value for name, value in flat(request.GET).items() if not name.startswith("_")}
    listing = Listing(entity, actor, rest)
    back = request.GET.get("_page", "list")
    back = back if back in MODES else "list"
    reader = wheres.Reader(entity, actor)
    root = _posted(request.GET, reader) or _from_address(listing.params.get(wheres.PARAM, ""), reader)
    _do(root, request.GET.get("_do", ""))
    tree = _tree(root, reader)
    usable = reader.usable(tree) if tree is not None else None
    if "_apply" in request.GET and not reader.problems:
        text = expression.write(usable) if usable is not None else None
        return redirect(entity.url(back) + listing.address(where=text))
    count = _count_words(listing, reader, usable)
    context = {
        "entity": entity,
        "page_title": _("Nested filter"),
        "root": root,
        "drawn": operators.Drawer(reader, entity.url("where")).group(root),
        "url": entity.url("where"),
        "kept": parse_qsl(listing.address(where=None)[1:], keep_blank_values=True),
        "page": back,
        "back": entity.url(back) + listing.address(),
        "count": count,
        "problems": reader.problems,
    }
    if "_count" in request.GET:
        return TemplateResponse(request, "kit/where_count.html", context)
    if answers.targets(request, "where-builder"):
        over = not (request.htmx.current_url_abs_path or "").startswith(entity.url("where"))
        return TemplateResponse(request, "kit/where_form.html", {**context, "dialog": over})
    if request.htmx:
        return answers.dialog(request, "kit/where.html", context)
    return TemplateResponse(request, "kit/where.html", {**context, "dialog": False})


def _posted(query: QueryDict, reader: wheres.Reader) -> Box | None:
    """The places of a sent form; None where none was sent."""
    places = sorted({found[2] for key in query if (found := _PLACE.fullmatch(key))}, key=_order)
    if "r" not in places:
        return None
    boxes: dict[str, Box] = {}
    for at in places[:200]:
        parent = boxes.get(at.rpartition("-")[0])
        if at != "r" and (parent is None or not parent.is_group or at.count("-") >= expression.DEEPEST):
            continue
        if f"_k.{at}" in query:
            op = query[f"_k.{at}"]
            box = Box(at, op if op in expression.OPS else "and")
        else:
            name = query.get(f"_n.{at}", "")
            values = query.getlist(f"_v.{at}")
            box = Box(at, query.get(f"_o.{at}", ""), name=name, values=values)
            same = query.get(f"_m.{at}", name) == name
            if not same:  # another field was chosen: what was meant for the former one is dropped
                box.op, box.values = "", []
        boxes[at] = box
        if parent is not None:
            parent.boxes.append(box)
    return boxes["r"]


def _order(at: str) -> list[int]:
    return [int(part) for part in at.split("-")[1:]]


def _from_address(text: str, reader: wheres.Reader) -> Box:
    """The places of an expression; an empty form has room for one condition."""
    try:
        tree = reader.usable(expression.parse(text)) if text else None
    except Malformed:
        tree = None
    tree = tree or wheres.EMPTY
    root = _box("r", tree if isinstance(tree, Group) else Group("and", (tree,)), reader)
    root.boxes = root.boxes or [Box("r-0")]
    return root


def _box(at: str, node: Node, reader: wheres.Reader) -> Box:
    if isinstance(node, Group):
        return Box(at, node.op, [_box(f"{at}-{index}", part, reader) for index, part in enumerate(node.parts)])
    if node.name == filters.NAMED:
        return Box(at, "holds", name=f"{filters.NAMED}:{node.raw}")
    column = reader.fields.get(node.name)
    op, values = operators.split(column.kind.code if column else "text", node.raw)
    return Box(at, op, name=node.name, values=values)


def _do(root: Box, verb: str) -> None:
    """Add a place to a group, or drop one."""
    what, _mark, at = verb.partition(":")
    for box in root.all():
        if what in ("add", "group") and box.at == at and box.is_group:
            free = f"{at}-{max([_order(each.at)[-1] for each in box.boxes], default=-1) + 1}"
            other = "or" if box.op == "and" else "and"
            box.boxes.append(Box(free, other, [Box(f"{free}-0")]) if what == "group" else Box(free))
            return
        if what == "drop":
            box.boxes = [each for each in box.boxes if each.at != at]


def _tree(box: Box, reader: wheres.Reader) -> Node | None:
    """The expression of the places that are filled in."""
    if box.is_group:
        parts = tuple(part for each in box.boxes if (part := _tree(each, reader)) is not None)
        return Group(box.op or "and", parts) if parts else None
    if box.name.startswith(f"{filters.NAMED}:"):
        return Term(filters.NAMED, box.name.partition(":")[2])
    column = reader.fields.get(box.name)
    if column is None:
        return None
    raw = operators.compose(column.kind.code, box.op, box.values)
    return Term(box.name, raw) if raw else None


def _count_words(listing: Listing, reader: wheres.Reader, usable: Node | None) -> str:
    """How many rows would match, together with the other filters of the list."""
    changes = {name: value for name, value in listing.params.items() if name != wheres.PARAM}
    rows = Listing(listing.entity, listing.actor, {**changes, "view": "all"}).matching
    n = (rows.filter(reader.condition(usable)) if usable is not None else rows).count()
    words = ngettext("%(n)s record matches", "%(n)s records match", n) % {"n": f"{n:,}"}
    return words if usable is None else f"{words}: {capfirst(reader.words(usable))}"
