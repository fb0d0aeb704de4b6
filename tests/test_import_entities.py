"""Every kind of record a company brings, from the headers people use."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from xiaoguan.apps.activities.models import FollowUp, Task
from xiaoguan.apps.collaboration.models import Tag
from xiaoguan.apps.collaboration.tagged import PATH
from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.apps.org.models import Membership, Person, Team
from xiaoguan.kit import worker
from xiaoguan.kit.action import create
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.models import Credit
from xiaoguan.transfer import batches, running
from xiaoguan.transfer.models import Import
from xiaoguan.transfer.options import Options

from tests.cast import Cast

pytestmark = pytest.mark.django_db


def imported(text: str, slug: str, actor, **options) -> Import:
    """Import a text as a file; every row must come through."""
    decisions = Options.from_json(options).to_json()
    batch = batches.take(ContentFile(text.encode(), name="f.csv"), "f.csv", Entity.by_slug(slug), actor, decisions)
    planned = batches.session_of(batch).plan().counts
    running.start(batch)
    worker.drain()
    batch.refresh_from_db()
    assert batch.counts == planned
    messages = [message for row in batch.rows.all() for message in row.messages or [] if message["level"] != "skipped"]
    assert (batch.counts["errors"], messages) == (0, [])
    return batch


def test_contracts_receipts_and_refunds_find_each_other(cast: Cast):
    admin, seller = cast.administrator, cast.seller
    imported(
        f"商机编号,商机名称,客户,负责人,阶段,成交日期,成交金额\nD1,厂房照明,恒岑,{seller.name},赢单,2026-03-01,10万\n",
        "deals",
        admin,
    )
    imported(
        "合同编号,合同名称,客户,商机,合同额（万元）,签订日期\nHT-1,厂房照明合同,恒岑,D1,10,2026.3.1\n",
        "contracts",
        admin,
    )
    contract = Contract.objects.get()
    assert (contract.amount, contract.deal.number, contract.owner) == (10_000_000, "D1", seller)
    imported(
        '回款单号,合同号,回款金额,到账日期\nSK-1,HT-1,"¥30,000.00",2026年4月1日\nSK-2,HT-1,2万,20260501\n',
        "receipts",
        admin,
    )
    receipt = Receipt.objects.get(number="SK-1")
    assert (receipt.amount, receipt.customer.name, receipt.credited) == (3_000_000, "恒岑", seller)
    imported("退款单号,合同,客户,退款金额,退款日期\nTK-1,HT-1,恒岑,5000,2026/6/1\n", "refunds", admin)
    assert Refund.objects.get().amount == 500_000
    sums = {fact: sum(Credit.objects.filter(fact=fact).values_list("amount", flat=True)) for fact in ("won", "receipt")}
    assert sums == {"won": 10_000_000, "receipt": 5_000_000}


def test_contacts_and_activities_hang_on_customers_and_deals(cast: Cast):
    seller = cast.seller
    imported("客户名称\n恒岑\n", "customers", seller)
    imported("姓名,公司,职务,手机\n马骏,恒岑,采购经理,13812345678\n", "contacts", seller)
    contact = Contact.objects.get()
    assert (contact.customer.name, contact.mobile) == ("恒岑", "13812345678")
    imported("商机编号,客户\nD1,恒岑\n", "deals", seller)
    imported("客户,跟进时间,跟进内容\n恒岑,2026-11-02 15:20,谈了方案\n", "follow-ups", seller)
    assert FollowUp.objects.get().customer == contact.customer
    imported("任务,客户,截止日期\n送样品,恒岑,2026-12-01\n", "tasks", seller)
    assert Task.objects.get().due_on.isoformat() == "2026-12-01"
    assert Customer.objects.get().owner == Deal.objects.get().owner == seller


def test_products(cast: Cast):
    imported(
        "产品编码,产品名称,系列,单位,标准价,在售\nA-1,泛光灯,户外,套,1280,是\nA-2,旧款,户外,套,,否\n",
        "products",
        cast.director,
    )
    assert {each.code: (each.price, each.active) for each in Product.objects.all()} == {
        "A-1": (128_000, True),
        "A-2": (None, False),
    }


def test_people_with_teams_positions_and_numbers(cast: Cast):
    text = (
        "工号,姓名,职位,部门,上级,入职日期,手机\n"
        "001,周敏敏,销售经理,龙队,,2020-01-01,\n002,陈思思,业务员,龙队,周敏敏,2021/5/6,13812345678\n"
        "003,王小会,会计,财务部,,,\n"
    )
    imported(text, "people", cast.administrator)
    leader, seller, clerk = (Person.objects.get(employee_no=number) for number in ("001", "002", "003"))
    assert [person.position for person in (leader, seller, clerk)] == ["sales_manager", "sales_engineer", "finance"]
    assert seller.unit == leader.unit == Team.objects.get(name="龙队")
    assert Membership.objects.get(person=leader).post == "manager"
    assert Membership.objects.get(person=seller).start.isoformat() == "2021-05-06"
    assert clerk.unit.name == "财务部"
    assert [role.code for role in clerk.roles.all()] == ["finance"]
    assert not seller.has_usable_password()
    again = imported(text.replace("13812345678", "13912345678"), "people", cast.administrator)
    assert (again.counts["updated"], again.counts["unchanged"]) == (1, 2)
    assert Membership.objects.filter(person=seller).count() == 1


def test_targets_wide_and_long(cast: Cast):
    months = ",".join(f"{month}月" for month in range(1, 13))
    wide = (
        f"2026年度销售目标（单位：万元）\n姓名,{months},合计\n"
        f"{cast.seller.name}," + ",".join(["10"] * 12) + ",120\n"
        "Tigers," + ",".join(["40"] * 12) + ",480\n公司," + ",".join(["90.5"] * 12) + ",1086\n合计," + "1," * 12 + "\n"
    )
    batch = imported(wide, "target-lines", cast.administrator)
    assert (batch.counts["rows"], batch.counts["created"], batch.counts["skipped"]) == (4, 3, 1)
    assert Target.objects.filter(deleted_at__isnull=True).count() == 36
    target = Target.objects.get(person=cast.seller, start="2026-03-01")
    assert (target.metric, target.amount, target.owner) == ("won_amount", 10_000_000, cast.seller)
    assert Target.objects.get(level="company", start="2026-12-01").amount == 90_500_000
    assert Target.objects.get(team=cast.tigers, start="2026-12-01").amount == 40_000_000
    imported(
        f"姓名,月份,回款目标\n{cast.seller.name},2026-03,5万\n{cast.seller.name},二季度,80000\n",
        "target-lines",
        cast.administrator,
    )
    found = {each.start.isoformat(): each.amount for each in Target.objects.filter(metric="receipts", kind="month")}
    quarter = [found.pop(f"2026-{month:02}-01") for month in (4, 5, 6)]
    assert found == {"2026-03-01": 5_000_000}
    assert (sum(quarter), min(quarter) > 0) == (8_000_000, True)


def test_a_target_sheet_that_does_not_add_up_says_so(cast: Cast):
    text = f"姓名,1月,2月,3月,合计\n{cast.seller.name},10,10,10,31\n"
    decisions = Options.from_json({"year": 2026}).to_json()
    batch = batches.take(
        ContentFile(text.encode(), name="f.csv"), "f.csv", Entity.by_slug("target-lines"), cast.administrator, decisions
    )
    tally = batches.session_of(batch).plan(every=True)
    assert [(problem.level, problem.code) for problem in tally.every] == [("warning", "total_gap")]
    assert tally.counts["created"] == 1


def test_a_manager_sets_the_targets_of_his_own_people_only(cast: Cast):
    text = f"姓名,1月,2月,3月\n{cast.seller.name},1,1,1\n{cast.other_seller.name},1,1,1\n"
    decisions = Options.from_json({"year": 2026}).to_json()
    batch = batches.take(
        ContentFile(text.encode(), name="f.csv"), "f.csv", Entity.by_slug("target-lines"), cast.manager, decisions
    )
    tally = batches.session_of(batch).plan(every=True)
    assert [(problem.row, problem.code) for problem in tally.every] == [(3, "may_not_create")]


def test_tags_go_out_and_come_back(cast: Cast, client: Client):
    admin = cast.administrator
    for name in ("夜景", "年框", "VIP"):
        create(Tag, {"name": name}, actor=admin)
    imported("客户编号,客户名称,标签\nC1,恒岑,夜景、vip\nC2,宏砺,\nC3,启昉,年框\n", "customers", admin)
    names = {str(tag.pk): tag.name for tag in Tag.objects.all()}
    tags = {row.number: {names[code] for code in getattr(row, PATH) or ()} for row in Customer.objects.all()}
    assert tags == {"C1": {"夜景", "VIP"}, "C2": set(), "C3": {"年框"}}
    client.force_login(admin)
    file = client.get(f"/customers/export/?view=all&_format=csv&cols=number,name,{PATH}").getvalue().decode("utf-8-sig")
    again = imported(file, "customers", admin)
    assert (again.counts["unchanged"], again.counts["updated"]) == (3, 0)
    imported(file.replace("年框", "年框、VIP"), "customers", admin)
    assert len(getattr(Customer.objects.get(number="C3"), PATH)) == 2
    wrong = ContentFile(file.replace("年框", "没有的").encode(), name="f.csv")
    unknown = batches.take(wrong, "f.csv", Customer.entity, admin, Options().to_json())
    tally = batches.session_of(unknown).plan()
    assert tally.counts["errors"] == 1, "an unknown tag is told, not made up"


def test_a_row_of_targets_says_its_tiers(cast: Cast):
    head = "姓名,月份,签约目标,冲刺目标,挑战目标,超分配"
    text = f"{head}\n{cast.seller.name},2026-03,5万,10%,25%,\nTigers,2026-03,9万,,,5%\n"
    imported(text, "target-lines", cast.administrator)
    found = Target.objects.order_by("amount").values_list("amount", "stretch", "challenge", "over")
    assert list(found) == [(5_000_000, 10_000, 25_000, 0), (9_000_000, None, None, 5_000)]


def test_a_sheet_of_targets_by_customer_and_by_product(cast: Cast):
    """Whose name stands beside a customer looks after it; whoever is unknown is an error, as there is no target."""
    for name in ("恒岑钢构", "宏砺建工"):
        create(Customer, {"name": name}, actor=cast.seller)
    lamp = create(Product, {"name": "草坪灯", "price": 100}, actor=cast.director)
    text = f"客户名称,负责人,1月,2月,3月\n恒岑钢构,{cast.seller.name},10,20,5\n宏砺建工,,5,5,5\n"
    imported(text, "target-lines", cast.administrator, year=2026)
    rows = Target.objects.filter(level="customer", customer__name="恒岑钢构").order_by("start")
    assert [(row.owner, row.person, row.kind) for row in rows] == [(cast.seller, None, "month")] * 3
    imported("产品,月份,签约目标\n草坪灯,2026-03,5万\n", "target-lines", cast.administrator)
    assert Target.objects.get(product=lamp).amount == 5_000_000
    batch = batches.take(
        ContentFile("客户名称,1月,2月,3月\n没有这家,1,1,1\n".encode(), name="f.csv"), "f.csv",
        Entity.by_slug("target-lines"), cast.administrator, Options.from_json({"year": 2026}).to_json(),
    )  # fmt: skip
    tally = batches.session_of(batch).plan(every=True)
    assert {problem.level for problem in tally.every} == {"error"} and not tally.counts["created"]
