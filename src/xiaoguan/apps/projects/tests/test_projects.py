"""Projects: what they are found by, and what holds them together."""

from __future__ import annotations

import pytest

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.projects.models import Participant, Project, ProjectGram
from xiaoguan.kit import action, undo
from xiaoguan.kit.errors import Invalid, Refusal

from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_name_is_kept_as_it_is_compared(cast: Cast) -> None:
    row = action.create(Project, {"name": "  恒岑智造园  厂房（一期）新建工程 "}, actor=cast.seller)
    assert (row.name, row.core, row.stages) == ("恒岑智造园 厂房（一期）新建工程", "恒岑智造园厂房", "期1")
    assert ProjectGram.objects.filter(project=row).count() == 6
    action.update(row, {"name": "澜启园"}, actor=cast.seller)
    assert set(ProjectGram.objects.values_list("gram", flat=True)) == {"澜启", "启园"}
    gone = action.remove(row, actor=cast.seller)
    assert not ProjectGram.objects.exists()
    undo.undo(gone.change, actor=cast.seller)
    assert ProjectGram.objects.count() == 2


def test_a_participant_is_a_customer_or_a_name(cast: Cast) -> None:
    project = action.create(Project, {"name": "恒岑智造园"}, actor=cast.seller)
    customer = action.create(Customer, {"name": "禾澜设计院"}, actor=cast.seller)
    other = action.create(Customer, {"name": "宏砺建工"}, actor=cast.seller)
    person = action.create(Contact, {"name": "马骏", "customer": other}, actor=cast.seller)
    values = {"project": project, "part": "designer"}
    row = action.create(Participant, {**values, "customer": customer}, actor=cast.seller)
    assert row.name == "禾澜设计院"
    with pytest.raises(Invalid, match="name"):
        action.create(Participant, values, actor=cast.seller)
    with pytest.raises(Invalid, match="contact"):
        action.create(Participant, {**values, "customer": customer, "contact": person}, actor=cast.seller)
    with pytest.raises(Refusal) as refused:
        action.remove(customer, actor=cast.seller)
    assert refused.value.code == "customer.in_projects"
    action.remove(other, actor=cast.seller)
