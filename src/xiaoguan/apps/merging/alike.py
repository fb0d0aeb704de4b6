"""Groups of records that may be one: a kind of record says in which columns two that are one agree.

Nothing is stored but what somebody has said: the database groups by the columns, over what a person may change, and
the groups are remembered until a record of the kind changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from xiaoguan.apps.merging.models import Different
from xiaoguan.kit import access, clock, feed, memo
from xiaoguan.kit.action import Done, working
from xiaoguan.kit.errors import Denied, Invalid

MOST = 500
"""So many values that stand in several records are looked at by each rule, the most frequent first."""
CROWD = 20
"""A value that stands in more records than this says nothing: the number of a switchboard."""
PATIENCE = 20
LARGEST = 10


@dataclass(frozen=True)
class Rule:
    """Records that say the same in all of these columns may be one; `words` says so to people."""

    columns: tuple[str, ...]
    words: Any


@dataclass(frozen=True)
class Group:
    """Records that may be one: their ids, and what agrees in words."""

    ids: tuple[int, ...]
    why: tuple[str, ...]

    @property
    def reasons(self) -> str:
        """What agrees."""
        return _(", ").join(self.why)


def groups(model: type[Any], rules: Sequence[Rule], actor: Any) -> list[Group]:
    """The groups an actor could merge, the largest first; none in which every two were told apart."""
    label = model._meta.label_lower
    usable = [rule for rule in rules if all(access.readable(actor, model.entity, each) for each in rule.columns)]
    token = tuple(feed.versions(label, access.owning(model.entity)[1].name, "org.reach").values())
    key = ("alike", label, actor.pk, tuple(rule.columns for rule in usable), clock.today())
    found: list[Group] = memo.remember(key, token, lambda: _groups(model, usable, actor), patience=PATIENCE)
    rows = Different.objects.filter(about=label, deleted_at__isnull=True)
    told = set(rows.values_list("first_id", "second_id"))
    return [
        Group(group.ids, tuple(str(word) for word in group.why))
        for group in found
        if not all(pair in told for pair in combinations(group.ids, 2))
    ]


def _groups(model: type[Any], rules: Sequence[Rule], actor: Any) -> list[Group]:
    mine = access.visible(model, actor, "change")
    above: dict[int, int] = {}
    why: dict[tuple[int, ...], list[Any]] = defaultdict(list)
    for rule in rules:
        for ids in _agreeing(mine, rule.columns):
            why[ids].append(rule.words)
            for other in ids[1:]:
                above[_top(above, other)] = _top(above, ids[0])
    members: dict[int, list[int]] = defaultdict(list)
    for pk in dict.fromkeys(pk for ids in why for pk in ids):
        members[_top(above, pk)].append(pk)
    found = []
    for ids in map(sorted, members.values()):
        agree = [each for some, words in why.items() if some[0] in ids for each in words]
        words = tuple(rule.words for rule in rules if rule.words in agree)
        found.append(Group(tuple(ids), words))
    return sorted(found, key=lambda group: (-len(group.ids), group.ids))


def _top(above: dict[int, int], pk: int) -> int:
    while pk in above and above[pk] != pk:
        pk = above[pk]
    return pk


def _agreeing(rows: QuerySet[Any], columns: Sequence[str]) -> list[tuple[int, ...]]:
    """Ids of records that agree in all columns, none of them empty; two queries."""
    filled = rows.exclude(**{columns[0]: ""}).order_by()
    for each in columns[1:]:
        filled = filled.exclude(**{f"{each}__isnull": True})
    counts = filled.values(*columns).annotate(n=Count("pk")).filter(n__gt=1, n__lte=CROWD)
    values = list(counts.order_by("-n", *columns).values_list(*columns)[:MOST])
    if not values:
        return []
    wanted = set(values)
    found: dict[Any, list[int]] = defaultdict(list)
    firsts = filled.filter(**{f"{columns[0]}__in": [value[0] for value in values]})
    for pk, *said in firsts.values_list("pk", *columns):
        if tuple(said) in wanted:
            found[tuple(said)].append(pk)
    return [tuple(sorted(ids)) for ids in found.values()]


def rows_of(model: type[Any], shown: Sequence[Group], actor: Any) -> Mapping[int, Any]:
    """The records of some groups by id."""
    ids = [pk for group in shown for pk in group.ids[:LARGEST]]
    return access.visible(model, actor).in_bulk(ids)


def differ(model: type[Any], ids: Sequence[int], *, actor: Any) -> Done:
    """Say that some records are different ones, each from each of the others. Raises Denied or Invalid."""
    rows = access.visible(model, actor, "change").in_bulk(list(ids))
    if len(rows) < 2 or len(rows) < len(set(ids)):
        raise Invalid({"": [_("Choose at least two records that you may change.")]})
    if not access.may(actor, "change", model):
        raise Denied("change", model)
    label = model._meta.label_lower
    there = Different.objects.filter(about=label, first_id__in=rows, deleted_at__isnull=True)
    known = set(there.values_list("first_id", "second_id"))
    fresh = [
        {"about": label, "first_id": one, "second_id": other}
        for one, other in combinations(sorted(rows), 2)
        if (one, other) not in known
    ]
    with working(model, "differ", actor=actor) as work:
        made = work.create(Different, fresh) if fresh else []
    return Done(work.change if work.change.pk else None, made)
