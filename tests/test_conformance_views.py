"""What holds for every entity's list: kept views, groups, nested filters, bulk edits, constant queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings, strategies as st

from xiaoguan.kit import access, bulk, expression, grouping, job, keeping, memo, undo, views, wheres
from xiaoguan.kit.conformance import Samples, another
from xiaoguan.kit.entity import Column, Entity, entities
from xiaoguan.kit.expression import Group, Node, Term
from xiaoguan.kit.grouping import GroupedListing
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models import Change, ChangeRow
from xiaoguan.kit.pages import emptiness

from tests.cast import Cast
from tests.samples import DERIVED, samples
from tests.test_conformance import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SHARES_A_COMPANY = True
MADE = [pytest.param(entity, id=entity.name) for entity in entities.values() if entity.name not in DERIVED]
FORMS = [param for param in MADE if param.values[0].names("form")]
NEVER_EMPTY = {"org.company", "opportunities.dealline"}
"""The one company, and lines that stand inside a record."""
FIVE = settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def some(entity: Entity, cast: Cast, made: Samples, count: int) -> list[Any]:
    """Records of two people, where records have owners."""
    found = []
    for index in range(count):
        owner = cast.seller if index % 3 else cast.peer
        found.append(made.make(entity, **({"owner": owner} if entity.scope == "owner" else {})))
    return found


@pytest.mark.parametrize("entity", MADE)
def test_a_kept_view_comes_back_as_it_was(entity: Entity, cast: Cast) -> None:
    some(entity, cast, samples(cast), 3)
    actor = cast.administrator
    client = signed_in(actor)
    columns = [column.name for column in Listing(entity, actor, {"view": "all"}).columns]
    given = {"sort": f"-{columns[0]}", "cols": ",".join(reversed(columns)), "widths": f"{columns[0]}:222"}
    given["where"] = f"not({entity.names('title')[0]}:none)"
    answer = client.post(entity.url("view_save") + Listing(entity, actor, given).address(), {"name": "Mine so far"})
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    listing = page.context["listing"]
    assert listing.state() == given
    assert not listing.problems
    assert not page.context["changed"]
    assert [column.name for column in listing.columns] == list(reversed(columns))
    assert "Mine so far" in page.content.decode()
    saved = listing.view.saved
    change = keeping.remove(saved, actor=actor)
    assert f"s{saved.pk}" not in [each.code for each in views.everyone(entity, cast.again("administrator"))]
    undo.undo(change, actor=actor)
    assert f"s{saved.pk}" in [each.code for each in views.everyone(entity, cast.again("administrator"))]


@pytest.mark.parametrize("entity", MADE)
def test_groups_add_up_to_the_whole_and_pages_cut_them_without_loss(entity: Entity, cast: Cast) -> None:
    some(entity, cast, samples(cast), 7)
    first = GroupedListing(entity, cast.administrator, {"view": "all"})
    for column in grouping.offered(first):
        listing = GroupedListing(entity, cast.administrator, {"view": "all", "group": column.path}, page_size=3)
        assert not listing.problems, column.path
        assert sum(group.count for group in listing.groups) == first.totals.count, column.path
        for name, total in first.totals.sums.items():
            assert sum(group.sums[name] for group in listing.groups) == total, (column.path, name)
        for group in listing.groups:
            assert listing.matching.filter(listing.condition(group)).count() == group.count, (column.path, group)
        seen: list[int] = []
        for page in range(1, listing.pages + 1):
            asked = {"view": "all", "group": column.path, "page": str(page)}
            seen += [row.pk for row in GroupedListing(entity, cast.administrator, asked, page_size=3).rows]
        assert sorted(seen) == sorted(first.matching.values_list("pk", flat=True)), column.path
        shut = {"view": "all", "group": column.path, "closed": ",".join(group.code for group in listing.groups)}
        folded = GroupedListing(entity, cast.administrator, shut)
        assert (folded.rows, len(folded.sections)) == ([], len(listing.groups))


@pytest.mark.parametrize("entity", MADE)
def test_a_grouped_list_costs_the_same_queries_however_many_rows(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    offered = grouping.offered(GroupedListing(entity, cast.administrator, {"view": "all"}))
    if not offered:
        return
    client = signed_in(cast.administrator)
    url = f"{entity.url('list')}?view=all&group={offered[0].path}&where=not({entity.names('title')[0]}:none)"

    def queries() -> int:
        memo.forget()
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(url).status_code == 200
        return len(found)

    some(entity, cast, made, 2)
    few = queries()
    some(entity, cast, made, 12)
    assert queries() == few
    assert few <= 18


def plain(entity: Entity) -> list[Column]:
    """Fields of the record itself whose conditions Python can answer just as well."""
    found = [entity.column(name) for name in dict.fromkeys([*entity.names("list"), *entity.names("form")])]
    kinds = ("number", "money", "date", "choice", "text", "person", "link", "yesno")
    return [column for column in found if "__" not in column.path and column.kind.code in kinds]


def value_of(row: Any, column: Column) -> Any:
    return getattr(row, column.field.attname)


def raws(column: Column, rows: list[Any]) -> list[str]:
    """Conditions about one field that some of these rows fulfil."""
    found = ["none", "!none"]
    values = sorted({str(value_of(row, column)) for row in rows if value_of(row, column) not in (None, "")})[:4]
    kind = column.kind.code
    for value in values:
        if kind == "money":
            yuan = f"{int(value) / 100:.2f}"
            found += [yuan, f"{yuan}..", f"..{yuan}", f"!{yuan}"]
        elif kind in ("number", "date") and not value.startswith("-") and "." not in value:
            found += [value, f"{value}..", f"..{value}", f"!{value}"]
        elif kind in ("choice", "person", "link"):
            found += [value, f"!{value}", ",".join(values)]
        elif kind == "text" and value.isalnum():
            found += [value[:4], f"!{value[:4]}", f"={value}"]
    if kind == "date":
        found += ["this_month", "next_45_days", "overdue", "!this_week"]
    if kind == "yesno":
        return ["1", "0"]
    return found


def holds(row: Any, column: Column, raw: str, today: dt.date) -> bool:
    """The same condition in Python."""
    if raw.startswith("!"):
        return not holds(row, column, raw[1:], today)
    value, kind = value_of(row, column), column.kind.code
    if raw == "none":
        return value in (None, "")
    if kind == "yesno":
        return value is (raw == "1")
    if value is None:
        return False
    if kind == "text":
        return str(value).lower() == raw[1:].lower() if raw.startswith("=") else raw.lower() in str(value).lower()
    if kind in ("choice", "person", "link"):
        return str(value) in raw.split(",")
    if kind == "date":
        first, last = wheres.filters.span(raw, today)
        return (first is None or value >= first) and (last is None or value <= last)
    scale = 100 if kind == "money" else 1
    low, mark, high = raw.partition("..")
    if not mark:
        return value == round(float(raw) * scale)
    return (not low or value >= round(float(low) * scale)) and (not high or value <= round(float(high) * scale))


def true(node: Node, row: Any, entity: Entity, today: dt.date) -> bool:
    if isinstance(node, Term):
        return holds(row, entity.column(node.name), node.raw, today)
    answers = [true(part, row, entity, today) for part in node.parts]
    return all(answers) if node.op == "and" else any(answers) if node.op == "or" else not any(answers)


@pytest.mark.parametrize("entity", MADE)
def test_nested_filters_find_what_python_finds(entity: Entity, cast: Cast) -> None:
    some(entity, cast, samples(cast), 5)
    actor = cast.administrator
    rows = list(access.visible(entity.model, actor))
    known = wheres.fields(entity, actor)
    usable = [Term(column.path, raw) for column in plain(entity) if column.path in known for raw in raws(column, rows)]
    today = wheres.filters.clock.today()
    tests = st.sampled_from(usable)
    nodes = st.recursive(
        tests,
        lambda inside: st.builds(
            Group, st.sampled_from(expression.OPS), st.lists(inside, min_size=1, max_size=3).map(tuple)
        ),
        max_leaves=6,
    )

    @FIVE
    @given(nodes.filter(lambda node: depth(node) < expression.DEEPEST))
    def check(node: Node) -> None:
        text = expression.write(node)
        assert expression.parse(text) == node
        listing = Listing(entity, actor, {"where": text})
        assert not listing.problems, text
        found = set(listing.matching.values_list("pk", flat=True))
        assert found == {row.pk for row in rows if true(node, row, entity, today)}, text
        assert all(each.said for each in listing.filters)

    check()


@pytest.mark.parametrize("entity", MADE)
def test_every_single_condition_finds_what_python_finds(entity: Entity, cast: Cast) -> None:
    """All of them, one by one: what is drawn for the nested ones misses some."""
    some(entity, cast, samples(cast), 3)
    actor = cast.administrator
    rows = list(access.visible(entity.model, actor))
    known = wheres.fields(entity, actor)
    today = wheres.filters.clock.today()
    for column in plain(entity):
        for raw in raws(column, rows) if column.path in known else []:
            text = expression.write(Term(column.path, raw))
            listing = Listing(entity, actor, {"where": text})
            assert not listing.problems, text
            expected = {row.pk for row in rows if holds(row, column, raw, today)}
            assert set(listing.matching.values_list("pk", flat=True)) == expected, text


def depth(node: Node) -> int:
    return 1 if isinstance(node, Term) else 1 + max(depth(part) for part in node.parts)


@pytest.mark.parametrize("entity", FORMS)
def test_a_bulk_edit_of_all_matching_is_one_change_with_one_row_each(entity: Entity, cast: Cast) -> None:
    made = samples(cast)
    rows = some(entity, cast, made, 4)
    actor = cast.administrator
    client = signed_in(actor)
    for name in bulk.fields(entity, actor):
        column = entity.column(name)
        text = another(column, rows[0], made)
        if text is None:
            continue
        before = Change.objects.count()
        answer = client.post(
            entity.url("bulk", "edit") + "?view=all", {"all": "1", "_confirmed": "1", "_set": name, name: text}
        )
        assert answer.status_code == 302
        change = Change.objects.order_by("-pk").first()
        mine = ChangeRow.objects.filter(change=change, entity=entity.name)
        changed = list(mine.values_list("object_id", flat=True))
        if "done/" in answer["Location"]:
            outcome = client.get(answer["Location"]).context["outcome"]
            assert outcome.refusals, name
        else:
            assert changed, name
        assert Change.objects.count() - before == bool(changed)
        assert len(changed) == len(set(changed))
        matching = access.visible(entity.model, actor).filter(**{name: getattr_of(entity, changed, name)})
        assert set(changed) <= set(matching.values_list("pk", flat=True))
        return


def getattr_of(entity: Entity, ids: list[int], name: str) -> Any:
    return entity.model._default_manager.filter(pk__in=ids).values_list(name, flat=True).first()


@pytest.mark.parametrize("entity", FORMS)
def test_strangers_and_readers_change_nothing_in_bulk(entity: Entity, cast: Cast) -> None:
    some(entity, cast, samples(cast), 1)
    before = Change.objects.count()
    for page in ("where", "views", "view_save"):
        assert signed_in(cast.outsider).get(entity.url(page)).status_code == 404, page
    for person, status in ((cast.outsider, 404), (cast.auditor, 403)):
        answer = signed_in(person).post(entity.url("bulk", "edit") + "?view=all", {"all": "1", "_confirmed": "1"})
        assert answer.status_code == status
    assert Change.objects.count() == before


@pytest.mark.parametrize("entity", [p for p in MADE if p.values[0].calendar])
def test_the_calendar_shows_every_dated_row_once(entity: Entity, cast: Cast) -> None:
    rows = some(entity, cast, samples(cast), 5)
    client = signed_in(cast.administrator)
    for row in rows:
        url = entity.url("calendar_move", row)
        if client.get(url).status_code == 200:
            assert client.post(url, {"value": "2026-03-10"}).status_code in (302, 422)
    page = client.get(entity.url("calendar") + "?view=all&span=week&at=2026-03-12").content.decode()
    dated = entity.model._default_manager.filter(**{entity.calendar: dt.date(2026, 3, 10), "deleted_at__isnull": True})
    for pk in dated.values_list("pk", flat=True):
        assert page.count(f'data-record="{pk}"') == 1
    assert signed_in(cast.outsider).get(entity.url("calendar")).status_code == 404


def test_the_job_of_a_bulk_change_is_declared() -> None:
    assert bulk.KIND in job.kinds


@pytest.mark.parametrize("entity", [entity for entity in entities.values() if entity.names("form")], ids=str)
def test_an_empty_list_says_what_belongs_there(entity: Entity) -> None:
    """An empty page that only says that it is empty teaches nobody."""
    assert emptiness.is_taught(entity) or entity.name in NEVER_EMPTY
