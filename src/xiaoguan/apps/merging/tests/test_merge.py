"""Several records become one with everything that belongs to them, and are several again by undo."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from xiaoguan.apps.activities.models import FollowUp, Task
from xiaoguan.apps.collaboration.models import Comment, Tag
from xiaoguan.apps.commerce.models import Contract
from xiaoguan.apps.customers.models import Contact, Customer, CustomerKey
from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.merging import large
from xiaoguan.apps.merging.models import Merged
from xiaoguan.apps.opportunities.models import DealLine, Product
from xiaoguan.kit import action, clock, job, shelf, timeline
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models import Change, ChangeRow, Collaborator, Credit, Job, Shelved
from xiaoguan.kit.models.own import FieldKind, OwnField
from xiaoguan.kit.undo import undo

from tests.test_conformance_api import Api

pytestmark = pytest.mark.django_db
TAGS = "extra__c_tags"


def merge(kept: Any, others: list[Any], actor: Any, **more: Any) -> Any:
    verb = Entity.of(kept).actions["merge"]
    return verb(kept, actor=actor, others=",".join(str(row.pk) for row in others), **more)


@pytest.fixture
def pair(cast: Any) -> tuple[Customer, Customer]:
    """The seller's customer and the same company as a peer entered it, with all that belongs to it."""
    kept = company.customer(cast.seller, "恒岑钢构（昆山）有限公司", phone="0512-5555 1234", note="Pays late.")
    other = company.customer(
        cast.peer, "恒岑钢结构", phone="138 1234 5678", city="昆山市", note="Likes 3000 K.", number="C-7"
    )
    contact = action.create(Contact, {"name": "Ma Jun", "customer": other, "mobile": "13900000001"}, actor=cast.peer)
    deal = company.deal(cast.peer, customer=other, amount=9_000_00)
    action.create(Contract, {"customer": other, "deal": deal, "amount": 5_00}, actor=cast.peer)
    action.create(FollowUp, {"kind": "call", "customer": other, "contact": contact, "subject": "Hi"}, actor=cast.peer)
    due = clock.today() + dt.timedelta(days=3)
    action.create(Task, {"title": "Call", "customer": other, "due_on": due}, actor=cast.peer)
    action.create(Customer, {"name": "Branch", "parent": other}, actor=cast.peer)
    Entity.of(Customer).actions["comment"](other, actor=cast.peer, text="Hello")
    shelf.star(Entity.of(Customer), other.pk, actor=cast.peer, on=True)
    for each in (kept, other):
        share = Entity.of(Customer).actions["share"]
        share(each, actor=cast.manager, person=cast.other_seller, level="edit" if each is other else "read")
    return company.again(kept), company.again(other)


def belonging(customer: Customer) -> dict[str, int]:
    """How many living rows of each kind point at a customer."""
    kinds = {"contact": Contact, "contract": Contract, "followup": FollowUp, "task": Task}
    found = {
        name: model._default_manager.filter(customer=customer, deleted_at__isnull=True).count()
        for name, model in kinds.items()
    }
    found["deal"] = customer.deal_set.count() if hasattr(customer, "deal_set") else customer.deals.count()
    found["child"] = customer.children.count()
    found["comment"] = Comment.objects.filter(about="customers.customer", object_id=customer.pk).count()
    found["star"] = Shelved.objects.filter(object_id=customer.pk, starred_at__isnull=False).count()
    found["key"] = CustomerKey.objects.filter(customer=customer).count()
    return found


def everything(*customers: Customer) -> list[Any]:
    """What the database says about customers and what belongs to them, but for versions and moments of saving."""
    told = ("version", "updated_at")
    rows = [
        {k: v for k, v in row.items() if k not in told}
        for row in Customer._default_manager.filter(pk__in=[c.pk for c in customers]).order_by("pk").values()
    ]
    sharing = Collaborator.objects.filter(deleted_at__isnull=True).order_by("pk")
    credit = Credit.objects.filter(entity="customers.customer").order_by("object_id")
    return [
        rows,
        [belonging(customer) for customer in customers],
        list(sharing.values_list("object_id", "person", "level", "until")),
        list(credit.values_list("object_id", "person", "on", "amount")),
    ]


def test_everything_moves_and_comes_back(cast: Any, pair: tuple[Customer, Customer]) -> None:
    kept, other = pair
    before = everything(kept, other)
    done = merge(kept, [other], cast.manager)
    kept, gone = company.again(kept), company.again(other)
    assert gone.deleted_at is not None
    assert belonging(gone) == dict.fromkeys(belonging(gone), 0) | {"child": 0}
    assert belonging(kept) == {
        "contact": 1, "contract": 1, "followup": 1, "task": 1, "deal": 1, "child": 1, "comment": 1, "star": 1, "key": 2
    }  # fmt: skip
    assert (kept.phone, kept.city, kept.number) == ("0512-5555 1234", "昆山市", "C-7")
    assert kept.note == "Pays late.\n\nLikes 3000 K."
    assert kept.next_note == "Call" and kept.last_contact_on == clock.today()
    shared = Collaborator.objects.filter(object_id=kept.pk, deleted_at__isnull=True)
    assert set(shared.values_list("person__name", "level")) == {("Xu Jing", "edit"), ("Wang Lei", "edit")}
    assert list(Credit.objects.filter(fact="new_customer", object_id=gone.pk)) == []
    assert Change.objects.filter(action="merge").count() == 1
    undo(Change.objects.get(action="merge"), actor=cast.manager)
    assert everything(kept, other) == before
    assert not Merged.objects.exists() and done.change.reversed_by is not None


def test_undo_keeps_what_was_changed_and_added_since(cast: Any, pair: tuple[Customer, Customer]) -> None:
    kept, other = pair
    change = merge(kept, [other], cast.manager).change
    kept = company.again(kept)
    action.update(kept, {"city": "苏州市", "tier": "A"}, actor=cast.seller)
    contact = Contact.objects.get()
    action.update(contact, {"title": "Buyer"}, actor=cast.seller)
    fresh = action.create(Contact, {"name": "New", "customer": company.again(kept)}, actor=cast.seller)
    elsewhere = company.customer(cast.peer, "Elsewhere")
    task = Task.objects.get()
    action.update(task, {"customer": elsewhere}, actor=cast.peer)
    with translation.override("en"):
        done = undo(Change.objects.get(pk=change.pk), actor=cast.manager)
    kept, other = company.again(kept), company.again(other)
    assert other.deleted_at is None and (other.city, other.number) == ("昆山市", "C-7")
    assert (kept.city, kept.tier, kept.number, kept.note) == ("苏州市", "A", None, "Pays late.")
    assert company.again(contact).customer_id == other.pk and company.again(contact).title == "Buyer"
    assert company.again(fresh).customer_id == kept.pk and company.again(task).customer_id == elsewhere.pk
    assert "Contacts 1" in done.change.note and done.change.note.endswith("left as they are: 2.")
    with pytest.raises(Refusal) as refused:
        undo(Change.objects.get(pk=change.pk), actor=cast.manager)
    assert refused.value.code == "UNDONE"


def test_values_are_chosen_field_by_field(cast: Any, pair: tuple[Customer, Customer]) -> None:
    kept, other = pair
    steel, roof = (action.create(Tag, {"name": name}, actor=cast.administrator) for name in ("steel", "roof"))
    action.create(
        OwnField,
        {"record": "customers.customer", "label": "Colour", "code": "colour", "kind": FieldKind.TEXT},
        actor=cast.administrator,
    )
    action.update(company.again(kept), {TAGS: [str(steel.pk)], "extra__c_colour": "red"}, actor=cast.manager)
    action.update(company.again(other), {TAGS: [str(roof.pk)], "extra__c_colour": "blue"}, actor=cast.manager)
    take = f"phone={other.pk},extra__c_colour={other.pk},note={other.pk},owner={other.pk},{TAGS}=all"
    with pytest.raises(Invalid):
        merge(company.again(kept), [other], cast.manager, take=f"credited={other.pk}")
    merge(company.again(kept), [other], cast.manager, take=take)
    kept = company.again(kept)
    assert (kept.phone, kept.note, kept.owner_id) == ("138 1234 5678", "Likes 3000 K.", cast.peer.pk)
    assert kept.extra["c_colour"] == "blue" and set(kept.extra["c_tags"]) == {str(steel.pk), str(roof.pk)}


def test_rules_name_themselves(cast: Any, pair: tuple[Customer, Customer]) -> None:
    kept, other = pair
    with pytest.raises(Invalid):  # he does not see the other one
        merge(kept, [other], cast.seller)
    with pytest.raises(Invalid):
        merge(kept, [], cast.manager)
    share = Entity.of(Customer).actions["share"]
    share(other, actor=cast.manager, person=cast.seller, level="edit")
    with pytest.raises(Refusal) as refused:  # shared to edit is not his to put away
        merge(kept, [company.again(other)], cast.again("seller"))
    assert refused.value.code == "MERGE-RIGHT" and refused.value.ways_out
    assert not Change.objects.filter(action="merge").exists()
    merge(kept, [company.again(other)], cast.manager)
    with pytest.raises(Refusal) as refused:
        action.restore(company.again(other), actor=cast.manager)
    assert refused.value.code == "MERGED"
    third = company.customer(cast.seller, "Third")
    merge(third, [company.again(kept)], cast.manager)
    with pytest.raises(Refusal) as refused:
        undo(Change.objects.filter(action="merge").earliest("pk"), actor=cast.manager)
    assert refused.value.code == "MERGE-LATER"
    with clock.at(clock.now() + dt.timedelta(days=31)), pytest.raises(Refusal) as refused:
        undo(Change.objects.filter(action="merge").latest("pk"), actor=cast.manager)
    assert refused.value.code == "MERGE-LATE"


def test_old_addresses_lead_to_the_kept_record(cast: Any, pair: tuple[Customer, Customer]) -> None:
    kept, other = pair
    api = Api(cast.manager)
    answer = api.ask("POST", f"customers/{kept.pk}/actions/merge", {"others": str(other.pk)})
    assert answer.status_code == 200 and answer.json()["id"] == kept.pk
    gone = api.ask("GET", f"customers/{other.pk}")
    assert gone.status_code == 410 and gone.json()["into"]["id"] == kept.pk
    assert gone["Location"] == f"/api/v1/customers/{kept.pk}"
    client = Client()
    client.force_login(cast.manager)
    assert client.get(f"/customers/{other.pk}/").url == f"/customers/{kept.pk}/"
    client.force_login(cast.other_peer)  # a stranger learns nothing of it
    assert client.get(f"/customers/{other.pk}/").status_code == 404
    assert Api(cast.other_peer).ask("GET", f"customers/{other.pk}").status_code == 404
    with translation.override("en"):
        titles = [item.title for item in timeline.read(company.again(kept), cast.manager).items]
    assert titles.count("Created") == 2 and "Merge" in titles


def test_pages_lead_through_it(cast: Any, pair: tuple[Customer, Customer]) -> None:
    kept, other = pair
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.manager)
    sent = client.post("/customers/bulk/merge/", {"ids": [kept.pk, other.pk]})
    page = client.get(sent.url)
    assert {field["path"] for field in page.context["fields"]} >= {"name", "phone", "owner", "note"}
    pick = client.get(f"/customers/{kept.pk}/do/merge/")
    assert [each["row"].pk for each in pick.context["likely"]] == [other.pk]
    posted = {"ids": f"{kept.pk},{other.pk}", "keep": other.pk, "take:phone": kept.pk, "_asked": "1", "share": "on"}
    assert client.post("/customers/merge/", posted).url == f"/customers/{other.pk}/"
    assert company.again(other).phone == "0512-5555 1234" and company.again(kept).deleted_at is not None
    change = Change.objects.get(action="merge")
    assert kept.name in client.get(f"/merges/{change.pk}/").content.decode()
    assert f'href="/merges/{change.pk}/"' in client.get(f"/customers/{other.pk}/?kind=change").content.decode()
    assert client.post(f"/undo/{change.pk}/").status_code == 302
    assert company.again(kept).deleted_at is None
    assert "was undone" in client.get(f"/merges/{change.pk}/").content.decode()
    client.force_login(cast.auditor)
    assert client.get(f"/customers/merge/?ids={kept.pk},{other.pk}").status_code == 403


def test_products_and_contacts_merge_too(cast: Any) -> None:
    lamp, again = company.product(cast.director, "Bollard"), company.product(cast.director, "Bollard  light")
    deal = company.deal(cast.seller)
    action.create(DealLine, {"deal": deal, "product": again, "quantity": 2, "price": 5_00}, actor=cast.seller)
    merge(lamp, [again], cast.director)
    assert DealLine.objects.get().product_id == lamp.pk and company.again(deal).product_id == lamp.pk
    customer = company.customer(cast.seller)
    one, two = (action.create(Contact, {"name": n, "customer": customer}, actor=cast.seller) for n in ("Ma", "Ma Jun"))
    action.create(FollowUp, {"kind": "call", "customer": customer, "contact": two, "subject": "x"}, actor=cast.seller)
    done = merge(one, [two], cast.seller)
    assert FollowUp.objects.get().contact_id == one.pk
    undo(Change.objects.get(pk=done.change.pk), actor=cast.seller)
    assert FollowUp.objects.get().contact_id == two.pk
    assert ChangeRow.objects.filter(change=done.change).exists() and Product.objects.count() == 2


def test_people_entered_twice_stand_side_by_side_until_told_apart(cast: Any) -> None:
    mine, theirs = company.customer(cast.seller), company.customer(cast.other_seller, "Elsewhere")
    about = {"name": "Ma Jun", "mobile": "13900000001"}
    one, two = (action.create(Contact, {**about, "customer": mine}, actor=cast.seller) for _each in "ab")
    three = action.create(Contact, {"name": "Jun Ma", "wechat": "ma_jun", "customer": mine}, actor=cast.seller)
    action.update(company.again(two), {"wechat": "ma_jun"}, actor=cast.seller)
    action.create(Contact, {**about, "customer": theirs}, actor=cast.other_seller)
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.seller)
    where = "/contacts/duplicates/"
    found = client.get(where).context["groups"]
    assert [each["group"].ids for each in found] == [(one.pk, two.pk, three.pk)]  # a colleague's is not among them
    assert found[0]["group"].reasons == "same mobile number, same WeChat, same name at the same customer"
    sent = client.post(f"{where}decide/", {"act": "merge", "ids": [one.pk, two.pk]})
    assert sent.url == f"/contacts/merge/?ids={one.pk}%2C{two.pk}"
    assert client.post(f"{where}decide/", {"act": "apart", "ids": [one.pk, 999_999]}).status_code == 422
    client.post(f"{where}decide/", {"act": "apart", "ids": [one.pk, two.pk, three.pk]})
    assert not client.get(where).context["groups"]
    undo(Change.objects.get(action="differ"), actor=cast.seller)
    assert len(client.get(where).context["groups"]) == 1
    action.update(cast.seller.roles.get(), {"masks": {"customers.contact": ["wechat"]}}, actor=cast.system)
    assert [each["group"].ids for each in client.get(where).context["groups"]] == [(one.pk, two.pk)]
    kinds = [label for label, _url in client.get(where).context["kinds"]]
    assert kinds == ["Customers", "Contacts", "Leads"]


def test_what_much_belongs_to_is_merged_by_a_job(cast: Any, pair: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, other = pair
    monkeypatch.setattr(large, "MANY", 3)
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.manager)
    sent = {"ids": f"{kept.pk},{other.pk}", "keep": kept.pk}
    page = client.post("/customers/merge/", sent)
    row = Job.objects.get(kind=large.KIND)
    assert page.url == f"/jobs/{row.pk}/" and (row.total or 0) > 3 and not Merged.objects.exists()
    assert client.post("/customers/merge/", sent).url == page.url
    job.execute(job.claim(names={large.KIND}))
    row.refresh_from_db()
    assert (row.state, row.result) == ("done", {"url": f"/customers/{kept.pk}/"})
    assert Merged.objects.get(object_id=other.pk).into_id == kept.pk
    undo(Change.objects.get(action="merge"), actor=cast.manager)
    action.update(company.again(other), {"note": "Changed meanwhile"}, actor=cast.peer)
    client.post("/customers/merge/", sent)
    action.update(company.again(other), {"note": "And again"}, actor=cast.peer)
    job.execute(job.claim(names={large.KIND}))
    assert Job.objects.filter(kind=large.KIND, state="failed").count() == 1 and not Merged.objects.exists()
