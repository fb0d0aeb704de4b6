"""Search end to end on both databases: written by actions, read for an actor, caught up by jobs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, feed, job, search, worker
from xiaoguan.kit.action import create, remove, restore, update
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.models.search import SearchEntry
from xiaoguan.kit.search import grams, reading, store, writing

from tests.cast import Cast

pytestmark = pytest.mark.django_db


def customer(actor: Person, name: str, **values: Any) -> Customer:
    """A customer of this actor."""
    made: Customer = create(Customer, {"name": name, **values}, actor=actor)
    return made


def titles(text: str, actor: Person, *models: type) -> list[str]:
    """The titles that a search gives, in order."""
    return [hit.title for hit in search.find(text, actor, entities=models or (Customer,))]


def listed(text: str, actor: Person) -> set[str]:
    """The names that a list with `?q=` shows."""
    found = search.filter_ids(Customer, text, actor)
    return {row.name for row in access.visible(Customer, actor).filter(pk__in=found)}


def test_every_way_to_type_a_customer(cast: Cast) -> None:
    customer(cast.seller, "昆山恒岑钢构有限公司", phone="138-1234-5678")
    customer(cast.seller, "禾澜设计院", phone="0512-87654321")
    customer(cast.seller, "Acme Corporation")
    for text in [*"恒岑 恒 岑钢构 恆岑鋼構 hcgg hengcen HengC gangg 5678 13812345678 有限公司".split(), "138 5678"]:
        assert titles(text, cast.seller) == ["昆山恒岑钢构有限公司"], text
        assert listed(text, cast.seller) == {"昆山恒岑钢构有限公司"}, text


def test_latin_names_and_slips(cast: Cast) -> None:
    customer(cast.seller, "Acme Corporation")
    customer(cast.seller, "Bluth Company")
    for text in ("acme", "Acme Corp", "ac", "acmecorp", "corpo", "Acmee", "corporatoin"):
        assert titles(text, cast.seller) == ["Acme Corporation"], text


def test_slips_are_offered_only_where_nothing_answers(cast: Cast) -> None:
    customer(cast.seller, "恒岑钢构")
    assert titles("衡岑钢构", cast.seller) == ["恒岑钢构"]
    assert listed("衡岑钢构", cast.seller) == {"恒岑钢构"}
    customer(cast.seller, "衡岑钢构")
    assert titles("衡岑钢构", cast.seller) == ["衡岑钢构"]
    assert listed("衡岑钢构", cast.seller) == {"衡岑钢构"}


def test_odd_input_is_just_no_answer(cast: Cast) -> None:
    customer(cast.seller, "禾澜设计院")
    for text in ("", "  ", "-", "（）", '"', '" OR "', "恒岑' --", "\x00", "*", "NEAR(", "𠮷", "%_%", "字" * 5000):
        assert titles(text, cast.seller) == [], text
        assert listed(text, cast.seller) == set(), text


def test_a_list_shows_no_record_that_has_the_keys_by_chance(cast: Cast) -> None:
    customer(cast.seller, "照明光禾照")
    customer(cast.seller, "光禾照明")
    keys = grams.keys("照明光禾照")
    assert all(any(way <= keys for way in word.either) for word in grams.words("光禾照明"))
    assert listed("光禾照明", cast.seller) == {"光禾照明"}


def test_the_better_answer_comes_first(cast: Cast) -> None:
    for name in ("浙江新恒岑集团", "昆山恒岑钢构有限公司", "恒岑", "恒岑照明"):
        customer(cast.seller, name)
    assert titles("恒岑", cast.seller) == ["恒岑", "恒岑照明", "昆山恒岑钢构有限公司", "浙江新恒岑集团"]
    assert titles("hc", cast.seller)[0] == "恒岑"


def test_own_records_come_before_equal_ones_of_others(cast: Cast) -> None:
    customer(cast.peer, "恒岑甲")
    customer(cast.seller, "恒岑乙")
    customer(cast.peer, "恒岑丙")
    assert titles("恒岑", cast.manager) == ["恒岑丙", "恒岑乙", "恒岑甲"]
    mine = customer(cast.manager, "恒岑丁")
    customer(cast.peer, "恒岑戊")
    assert titles("恒岑", cast.manager)[0] == mine.name


def test_nobody_finds_what_he_may_not_see(cast: Cast) -> None:
    customer(cast.seller, "恒岑钢构")
    assert titles("恒岑", cast.manager) == ["恒岑钢构"]
    for stranger in (cast.peer, cast.other_manager, cast.outsider):
        assert titles("恒岑", stranger) == []
        assert titles("恒芩", stranger) == []
        assert listed("恒岑", stranger) == set()
    assert titles("恒岑", cast.outsider, Customer, Person) == []


def test_a_crowd_of_others_records_hides_no_own_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CANDIDATES", 5)
    customer(cast.seller, "照明甲")
    for number in range(20):
        customer(cast.other_seller, f"照明{number}")
    assert titles("照明", cast.seller) == ["照明甲"]
    monkeypatch.setattr(reading, "FEW", 0)
    assert titles("照明", cast.seller) == ["照明甲"]


def test_a_hidden_field_is_not_searched(cast: Cast) -> None:
    made = customer(cast.seller, "恒岑钢构", phone="13812345678")
    create(Contact, {"name": "马骏", "customer": made, "mobile": "13912340000"}, actor=cast.seller)
    assert titles("12345678", cast.seller) == ["恒岑钢构"]
    assert access.masked(cast.hr, Customer) >= {"phone"}
    assert titles("恒岑", cast.hr) == ["恒岑钢构"]
    for text in ("12345678", "13812345678", "1381"):
        assert titles(text, cast.hr) == []
        assert listed(text, cast.hr) == set()
    assert listed("hcgg", cast.hr) == {"恒岑钢构"}
    assert titles("13912340000", cast.hr, Contact) == []


def test_the_field_that_matched_is_shown_with_its_marks(cast: Cast) -> None:
    customer(cast.seller, "昆山恒岑钢构", phone="138-1234-5678")
    hit = search.find("hcgg", cast.seller, entities=[Customer])[0]
    assert [hit.title[start:end] for start, end in hit.marks] == ["恒岑钢构"]
    assert hit.through is None
    assert hit.url == f"/customers/{hit.row.pk}/"
    hit = search.find("5678", cast.seller, entities=[Customer])[0]
    assert hit.marks == ()
    assert hit.through is not None
    column, value, marks = hit.through
    assert (column.path, [value[start:end] for start, end in marks]) == ("phone", ["5678"])


def test_renaming_removing_and_restoring(cast: Cast) -> None:
    made = customer(cast.seller, "恒岑钢构")
    update(made, {"name": "禾澜设计院"}, actor=cast.seller)
    assert titles("恒岑", cast.seller) == []
    assert listed("恒岑", cast.seller) == set()
    assert titles("禾澜", cast.seller) == ["禾澜设计院"]
    remove(made, actor=cast.manager)
    assert titles("禾澜", cast.seller) == []
    assert not SearchEntry.objects.filter(pk=store.entry_id(Customer, made.pk)).exists()
    made.refresh_from_db()
    restore(made, actor=cast.manager)
    assert titles("禾澜", cast.seller) == ["禾澜设计院"]


def test_saving_other_fields_leaves_the_index_alone(
    cast: Cast, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SECONDS", 3600)  # however slow the machine, tokens are asked for before
    made = customer(cast.seller, "恒岑钢构")
    made.tier = "A"
    with django_assert_num_queries(0):
        writing.follow(Customer, [made])


def test_a_bulk_change_is_indexed_by_job(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHUNK", 7)
    rows = create(Customer, [{"name": f"恒岑{number}号"} for number in range(30)], actor=cast.seller)
    assert titles("恒岑", cast.seller) == []
    assert search.catching_up()
    remove(rows[3], actor=cast.manager)
    worker.drain()
    assert not search.catching_up()
    assert Job.objects.get(kind="search.index").progress == 30
    assert len(listed("恒岑", cast.seller)) == 29
    assert titles("恒岑12号", cast.seller) == ["恒岑12号"]
    assert titles("恒岑3号", cast.seller) == []


def test_rebuilding_repairs_everything(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHUNK", 2)
    rows = [customer(cast.seller, f"恒岑{number}号") for number in range(5)]
    before = dict(SearchEntry.objects.values_list("pk", "tokens"))
    SearchEntry.objects.filter(pk=store.entry_id(Customer, rows[1].pk)).delete()
    store.write(Customer, [(rows[2].pk, {".错"}), (rows[4].pk + 1000, grams.keys("恒岑鬼影")), (1, grams.keys("恒岑"))])
    search.rebuild("customers.customer")
    search.rebuild("customers.customer")
    worker.drain()
    assert dict(SearchEntry.objects.values_list("pk", "tokens")) == before
    assert len(listed("恒岑", cast.seller)) == 5


def test_what_was_written_past_the_actions_is_found_at_night(cast: Cast) -> None:
    customer(cast.seller, "恒岑钢构")
    job.enqueue("search.check")
    worker.drain()
    Customer.objects.bulk_create([Customer(name="禾澜设计院", owner=cast.seller)])
    assert titles("禾澜", cast.seller) == []
    check = job.enqueue("search.check")
    worker.drain()
    check.refresh_from_db()
    assert check.result == {"rebuilt": ["customers.customer"]}
    assert titles("禾澜", cast.seller) == ["禾澜设计院"]
    store.set_version("0")
    check = job.enqueue("search.check")
    worker.drain()
    check.refresh_from_db()
    assert "org.person" in check.result["rebuilt"]
    assert store.version() == grams.VERSION


def test_people_are_found_too(cast: Cast) -> None:
    assert "Chen Siyuan" in titles("siyuan", cast.manager, Person)
    made = customer(cast.seller, "Chen Lighting")
    found = search.find("chen", cast.manager)
    assert {(hit.entity.name, hit.title) for hit in found} >= {
        ("customers.customer", made.name),
        ("org.person", "Chen Siyuan"),
    }


def test_ids_of_two_entities_never_meet(cast: Cast) -> None:
    assert store.prefix(Customer) != store.prefix(Contact)
    made = customer(cast.seller, "恒岑钢构")
    create(Contact, {"name": "恒岑人", "customer": made}, actor=cast.seller)
    assert titles("恒岑", cast.seller, Contact) == ["恒岑人"]


@pytest.mark.sqlite
def test_the_index_of_sqlite_stays_sound(cast: Cast) -> None:
    rows = [customer(cast.seller, f"恒岑{number}") for number in range(4)]
    update(rows[0], {"name": "禾澜"}, actor=cast.seller)
    remove(rows[1], actor=cast.manager)
    SearchEntry.objects.filter(pk=store.entry_id(Customer, rows[2].pk)).delete()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kit_searchfts(kit_searchfts) VALUES ('integrity-check')")
