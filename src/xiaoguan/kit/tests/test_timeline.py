"""Timelines: merged newest first, paged without losing or repeating an entry."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from hypothesis import given, strategies as st

from xiaoguan.kit import timeline
from xiaoguan.kit.timeline import Cursor, Item

START = datetime(2026, 11, 1, tzinfo=UTC)


def give(items: list[Item]) -> timeline.Entries:
    """A source over a fixed list, as a query ordered by (-when, -id) would be."""

    def entries(model: Any, ids: Sequence[int], actor: Any, limit: int, before: datetime | None) -> Iterator[Item]:
        found = [item for item in items if before is None or item.when <= before]
        return iter(sorted(found, key=lambda item: item.when, reverse=True)[:limit])

    return entries


def walk(limit: int, kinds: Sequence[str] = ()) -> list[str]:
    """Read page after page through the text form of the cursor."""
    keys, cursor = [], None
    for _page in range(1000):
        page = timeline.read(ContentType(pk=1), None, limit=limit, before=cursor, kinds=kinds)
        keys += [item.key for item in page.items]
        if page.next is None:
            return keys
        cursor = Cursor.parse(str(page.next))
    raise AssertionError("the timeline never ends")


@given(
    moments=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 4)), max_size=30),
    limit=st.integers(1, 7),
)
def test_paging_shows_each_entry_once_and_in_order(moments: list[tuple[str, int]], limit: int) -> None:
    items = [Item(START + timedelta(hours=h), "", "", kind, key=f"{n}") for n, (kind, h) in enumerate(moments)]
    sources = {
        ContentType: [
            timeline.Source(ContentType, kind, kind, give([item for item in items if item.kind == kind]))
            for kind in "ab"
        ]
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_sources", sources)
        keys = walk(limit)
        assert sorted(keys) == sorted(item.key for item in items)
        hours = [moments[int(key)][1] for key in keys]
        assert hours == sorted(hours, reverse=True)
        assert walk(limit, kinds=["a"]) == [key for key in keys if moments[int(key)][0] == "a"]


def test_a_joint_source_is_asked_once_for_the_kinds_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [Item(START + timedelta(hours=n), "", "", kind, key=f"{n}") for n, kind in enumerate("abab")]
    asked: list[list[str]] = []

    def entries(
        model: Any, ids: Sequence[int], actor: Any, limit: int, before: datetime | None, kinds: list[str]
    ) -> Iterator[Item]:
        asked.append(kinds)
        yield from give([item for item in items if item.kind in kinds])(model, ids, actor, limit, before)

    sources = [timeline.Source(ContentType, kind, kind, entries, joint=True) for kind in "ab"]
    monkeypatch.setattr(timeline, "_sources", {ContentType: sources})
    assert walk(10) == ["3", "2", "1", "0"]
    assert walk(10, kinds=["b"]) == ["3", "1"]
    assert asked == [["a", "b"], ["b"]]


def test_a_deleted_entry_hides_no_other() -> None:
    items = [Item(START, "", "", "a", key="x"), Item(START, "", "", "a", key="y"), Item(START, "", "", "a", key="z")]
    older = Item(START - timedelta(days=1), "", "", "a", key="old")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_sources", {})
        timeline.source(ContentType, "a", "A")(give([items[2], older]))
        page = timeline.read(ContentType(pk=1), None, before=Cursor(START, 3))
    assert [item.key for item in page.items] == ["old"]


@pytest.mark.parametrize(
    "text", ["", "x", "2026-11-01~1", "2026-11-01T00:00:00+00:00~-1", "2026-11-01T00:00:00+00:00~"]
)
def test_a_bent_cursor_is_the_first_page(text: str) -> None:
    assert Cursor.parse(text) is None
