"""Figures cut by customer: every line tells a part of the whole, and what one may not see tells no name."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings, strategies as st

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics import dimensions
from xiaoguan.apps.metrics.models import Definition
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import WON_AMOUNT
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.kit.models.credit import Credit

from tests.cast import Cast

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 2, 3)
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 12, 31)


def _customers(cast: Cast) -> list[Customer]:
    """Two of the seller, two of somebody in another team."""
    owners = (cast.seller, cast.seller, cast.other_seller, cast.other_seller)
    return [Customer.objects.create(name=f"Works {n}", owner=one, unit=one.unit) for n, one in enumerate(owners)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    won=st.lists(st.tuples(st.integers(0, 4), st.integers(-(10**6), 10**13)), max_size=15),
    most=st.integers(1, 3),
    part=st.sampled_from(["seller", "director"]),
)
def test_lines_make_the_figure(cast: Cast, won: list[tuple[int, int]], most: int, part: str) -> None:
    """Named ones, the rest of them, what is hidden and what is without a customer: each key once, to the fen."""
    Credit.objects.all().delete()
    Customer.objects.all().delete()
    ids = [None, *(row.pk for row in _customers(cast))]
    Credit.objects.bulk_create(
        Credit(fact="won", entity="opportunities.deal", object_id=at, on=DAY, party=ids[place], amount=amount)
        for at, (place, amount) in enumerate(won, 1)
    )
    found = figures([WON_AMOUNT], Slice(FIRST, LAST), by=["customer"])
    keys = [key[0] for key in found.rows]
    actor = cast.again(part)
    parts = dimensions.ranked(actor, "customer", keys, lambda key: found.value(WON_AMOUNT, (key,)) or 0, most)
    assert sorted(key for each in parts for key in each.keys) == sorted(keys)
    lines = [found.total(WON_AMOUNT, [(key,) for key in each.keys]) or 0 for each in parts]
    assert sum(lines) == figures([WON_AMOUNT], Slice(FIRST, LAST)).value(WON_AMOUNT) == sum(each for _at, each in won)
    named = [each.query["customer"] for each in parts if each.query.get("customer")]
    seen = {pk for pk in ids[1 : 3 if part == "seller" else 5] if pk in keys}
    assert len(named) == min(most, len(seen)) and set(named) <= seen
    assert {key for each in parts if not each.query for key in each.keys} == set(keys) - set(named) - {0}


def test_a_stranger_is_neither_found_nor_named(cast: Cast, client: Client) -> None:
    """By page and by program: one's own by itself, the others as one group, a stranger's address is not found."""
    mine, _more, theirs, _last = _customers(cast)
    Credit.objects.bulk_create(
        Credit(
            fact="won", entity="opportunities.deal", object_id=at, on=DAY, party=row.pk, amount=amount,
            person=cast.seller, unit=cast.tigers,
        )
        for at, (row, amount) in enumerate(((mine, 700), (theirs, 50), (theirs, 5)), 1)
    )  # fmt: skip
    client.force_login(cast.seller)
    records = reverse("metrics:records", args=["won_amount"]) + f"?from={FIRST}&to={LAST}&customer="
    assert client.get(f"{records}{mine.pk}").context["value"] == 700
    page = reverse("insight:metric", args=["won_amount"]) + "?period=2026&by=customer"
    for address in (f"{records}{theirs.pk}", f"{records}abc", f"{page}&customer={theirs.pk}"):
        assert client.get(address).status_code == 404
    lines = client.get(page).context["lines"]
    assert (lines[0]["name"], bool(lines[0]["url"])) == ("Works 0", True)
    assert len(lines) == 2 and not lines[1]["url"] and theirs.name not in client.get(page).content.decode()
    row = Definition.objects.get(code="won_amount")
    told: Any = client.get(f"/api/v1/metric-definitions/{row.pk}/figures?from={FIRST}&to={LAST}&by=customer").json()
    assert told["value"] == 755
    assert {each["key"]["customer"]: each["value"] for each in told["data"]} == {mine.pk: 700, None: 55}
