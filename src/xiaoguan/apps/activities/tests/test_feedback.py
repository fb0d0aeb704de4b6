"""What customers say: two taps from their page, counted for who looked after them, settled by who handles it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from xiaoguan.apps.activities.models import Feedback
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics.queries import figures
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import Slice
from xiaoguan.kit import clock
from xiaoguan.kit.action import create, update
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid

from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_words_of_customers_are_metrics(cast: Cast, client: Client) -> None:
    """Service writes it down, the seller is credited, days to the end are counted; an empty complaint is refused."""
    today = clock.today()
    customer = create(Customer, {"owner": cast.seller, "name": "Works"}, actor=cast.seller)
    for score in "542":
        create(Feedback, {"customer": customer, "kind": "score", "score": score}, actor=cast.service)
    values = {"customer": customer, "kind": "complaint", "on": today - dt.timedelta(days=4)}
    with pytest.raises(Invalid) as refused:
        create(Feedback, values, actor=cast.service)
    assert "body" in refused.value.errors
    wrong = create(Feedback, {**values, "body": "Late"}, actor=cast.service)
    assert (wrong.owner_id, wrong.credited_id) == (cast.service.pk, cast.seller.pk)
    update(Feedback.objects.get(pk=wrong.pk), {"resolved_on": today, "owner": cast.manager}, actor=cast.director)
    told = [metrics[code] for code in ("satisfaction", "complaints", "complaint_days")]
    found = figures(told, Slice(today - dt.timedelta(days=6), today, people=[cast.seller.pk]))
    assert [found.value(metric) for metric in told] == [66_667, 1, 4]
    assert client.login(username="seller", password=PASSWORD)
    page = client.get(f"{Entity.of(Customer).url('detail', customer)}?tab=feedback", headers={"accept-language": "en"})
    assert f"customer={customer.pk}&amp;kind=score&amp;score=5" in page.content.decode()
    form = client.get(f"{Entity.of(Feedback).url('new')}?customer={customer.pk}&kind=score&score=5")
    assert 'value="5" selected' in form.content.decode()
