"""Favourites and what was looked at last: one's own, in order, and never more than one may still see."""

from __future__ import annotations

import datetime as dt

from django.test import Client

from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit import action, clock, search, shelf
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.models.shelf import Shelved

from tests.cast import Cast


def customers(cast: Cast, *names: str) -> list[Customer]:
    """New customers of the seller."""
    return [action.create(Customer, {"name": name}, actor=cast.seller) for name in names]


def at_hand(actor: object, most: int = 6) -> tuple[list[str], list[str]]:
    """Titles of favourites and of what was looked at last."""
    starred, seen = shelf.at_hand(actor, most=most)
    return [str(row) for _entity, row in starred], [str(row) for _entity, row in seen]


def test_newest_first_and_favourites_apart(cast: Cast) -> None:
    one, two, three = customers(cast, "One", "Two", "Three")
    start = clock.now()
    for minutes, row in enumerate((one, two, three, one)):
        with clock.at(start + dt.timedelta(minutes=minutes)):
            shelf.see(Customer.entity, row.pk, actor=cast.seller)
    assert at_hand(cast.seller) == ([], ["One", "Three", "Two"])
    shelf.star(Customer.entity, two.pk, actor=cast.seller, on=True)
    assert at_hand(cast.seller) == (["Two"], ["One", "Three"])
    shelf.star(Customer.entity, two.pk, actor=cast.seller, on=False)
    assert at_hand(cast.seller)[0] == []
    assert at_hand(cast.peer) == ([], [])


def test_what_may_no_longer_be_seen_is_gone(cast: Cast) -> None:
    kept, given, deleted = customers(cast, "Kept", "Given", "Deleted")
    for row in (kept, given, deleted):
        shelf.star(Customer.entity, row.pk, actor=cast.seller, on=True)
    action.update(given, {"owner": cast.other_seller}, actor=cast.director)
    action.remove(deleted, actor=cast.seller)
    assert at_hand(cast.seller)[0] == ["Kept"]


def test_old_ones_are_forgotten_favourites_are_not(cast: Cast, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(shelf, "KEPT", 3)
    rows = customers(cast, *(f"Customer {n}" for n in range(6)))
    shelf.star(Customer.entity, rows[0].pk, actor=cast.seller, on=True)
    start = clock.now()
    for minutes, row in enumerate(rows):
        with clock.at(start + dt.timedelta(minutes=minutes)):
            shelf.see(Customer.entity, row.pk, actor=cast.seller)
    assert at_hand(cast.seller) == (["Customer 0"], ["Customer 5", "Customer 4", "Customer 3"])
    assert Shelved.objects.filter(person=cast.seller).count() == 4


def test_pages_star_and_note(cast: Cast, client: Client) -> None:
    row, foreign = customers(cast, "Mine")[0], action.create(Customer, {"name": "Not mine"}, actor=cast.other_seller)
    client.force_login(cast.seller)
    before = Change.objects.count()
    client.get(row.entity.url("detail", row))
    assert not Shelved.objects.exists(), "reading a page writes nothing"
    assert client.post(row.entity.url("seen", row)).status_code == 204
    part = client.post(row.entity.url("star", row), {"on": "1"}, headers={"HX-Request": "true"})
    assert 'aria-pressed="true"' in part.content.decode()
    assert client.post(row.entity.url("star", row), {"on": "1"})["Location"] == row.entity.url("detail", row)
    assert at_hand(cast.seller)[0] == ["Mine"]
    for name in ("star", "seen"):
        assert client.post(foreign.entity.url(name, foreign), {"on": "1"}).status_code == 404
    assert Shelved.objects.count() == 1
    assert Change.objects.count() == before, "what one keeps at hand is nobody else's business"
    assert "Mine" in client.get("/find/?q=").content.decode()
    listed = client.get("/customers/?is=starred").content.decode()
    assert "Mine" in listed and 'data-total="1"' in listed


def test_equally_good_hits_begin_with_the_known(cast: Cast) -> None:
    rows = customers(cast, "Harbour light north", "Harbour light south", "Harbour light west")
    first = [hit.row.pk for hit in search.find("harbour", cast.seller)]
    assert set(first) == {row.pk for row in rows}
    last = first[-1]
    shelf.see(Customer.entity, last, actor=cast.seller)
    again = [hit.row.pk for hit in search.find("harbour", cast.seller, known=shelf.known(cast.seller))]
    assert again[0] == last
    assert sorted(again) == sorted(first)


def test_a_known_record_is_found_beyond_the_newest(cast: Cast, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("xiaoguan.kit.search.reading.CANDIDATES", 2)
    rows = customers(cast, *(f"Harbour {n}" for n in range(6)))
    oldest = rows[0]
    assert oldest.pk not in [hit.row.pk for hit in search.find("harbour", cast.seller, limit=2)]
    found = search.find("harbour", cast.seller, limit=2, known={Customer.entity.name: {oldest.pk}})
    assert found[0].row.pk == oldest.pk
