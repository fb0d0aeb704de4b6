"""The wizard from the first page to the result, without script, and what strangers get."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.apps.org import actions
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import worker
from xiaoguan.kit.action import update
from xiaoguan.transfer.models import Import

pytestmark = pytest.mark.django_db

DEALS = """商机编号,项目名称,客户（全称）,合同额（万）,预计签约,业务员,阶段,备注2
D1,智造园二期厂房照明,恒岑钢构（昆山）有限公司,12.5,2026/11/24,陈思远,需求分析,
D2,体育馆泛光照明,同砌建筑设计院,8.86,2026.13.02,陈思元,商务谈判,
D3,动力站照明,晗光半导体,面议,2026-12-20,周敏,客户开发,
D4,连廊与雨棚照明,恒岑鋼構(昆山)有限公司,￥145000元,2026年11月27日,陈思远,合同签订,
小计,,,3214.60,,,,
"""


@pytest.fixture
def admin():
    return actions.join(actions.Joiner(name="管理员", username="admin", position="administrator"), actor=system_actor())


@pytest.fixture
def sellers(admin):
    return actions.join_many(
        [actions.Joiner(name=name, position="sales_engineer") for name in ("陈思远", "周敏")], actor=admin
    )


@pytest.fixture
def signed_in(client, admin):
    client.force_login(admin)
    return client


def upload(client, text: str | bytes, name: str = "deals.csv", slug: str = "deals"):
    content = text if isinstance(text, bytes) else text.encode("gbk")
    return client.post(reverse("import:start"), {"as": slug, "file": SimpleUploadedFile(name, content)})


def page_of(client, answer) -> str:
    assert answer.status_code == 302, answer.content.decode()
    found = client.get(answer["Location"])
    assert found.status_code == 200
    return found.content.decode()


def the_import() -> Import:
    return Import.objects.get()


def test_the_first_page_offers_what_the_person_may_import(signed_in):
    html = signed_in.get(reverse("import:start")).content.decode()
    for slug in ("people", "customers", "products", "deals", "contracts", "receipts", "target-lines"):
        assert f'value="{slug}"' in html
    assert signed_in.get(reverse("import:start"), {"as": "deals"}).status_code == 200
    assert signed_in.get(reverse("import:start"), {"as": "nonsense"}).status_code == 404


def test_from_upload_to_result_by_plain_posts(signed_in, sellers):
    html = page_of(signed_in, upload(signed_in, DEALS))
    batch = the_import()
    counts = batch.preview["counts"]
    assert counts == {"rows": 5, "created": 2, "updated": 0, "unchanged": 0, "skipped": 1, "errors": 2}
    assert "备注2" in html, "columns left out are named"
    assert "2026.13.02" in html
    assert "陈思元" in html
    problems = {(each["slot"], each["text"]): (index, each) for index, each in enumerate(batch.preview["problems"])}
    assert problems["amount", "面议"][1]["code"] == "undecided"
    assert problems["owner", "陈思元"][1]["fix"]["label"] == "陈思远"
    where = reverse("import:map", args=[batch.pk])
    for mark in (("amount", "面议"), ("expected_on", "2026.13.02")):
        batch.refresh_from_db()
        index = next(i for i, each in enumerate(batch.preview["problems"]) if (each["slot"], each["text"]) == mark)
        assert signed_in.post(where, {"fix": index, "mark": batch.preview["mark"]}).status_code == 200
    batch.refresh_from_db()
    assert batch.preview["unplaced"] == {"stage": {"商务谈判": 1}}
    signed_in.post(where, {"word-0": Stage.objects.get(code="contracting").pk})
    batch.refresh_from_db()
    assert batch.preview["counts"]["errors"] == 0, batch.preview["problems"]
    assert batch.preview["counts"]["created"] == 4
    answer = signed_in.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
    assert answer["Location"] == reverse("import:show", args=[batch.pk])
    assert signed_in.get(answer["Location"]).status_code == 200
    worker.drain()
    batch.refresh_from_db()
    assert batch.state == Import.State.DONE
    assert batch.counts == batch.preview["counts"]
    html = signed_in.get(answer["Location"]).content.decode()
    assert reverse("deals:list") in html
    deal = Deal.objects.get(number="D4")
    assert (deal.amount, deal.expected_on.isoformat(), deal.owner.name) == (14_500_000, "2026-11-27", "陈思远")
    assert Deal.objects.get(number="D1").customer == deal.customer, "both spellings are one customer"
    assert Deal.objects.get(number="D1").amount == 12_500_000
    assert Deal.objects.get(number="D3").amount is None
    assert Customer.objects.count() == 3


def test_pressing_the_button_twice_imports_once(signed_in, sellers):
    page_of(signed_in, upload(signed_in, DEALS))
    batch = the_import()
    for _press in range(2):
        signed_in.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
    worker.drain()
    assert signed_in.post(reverse("import:run", args=[batch.pk])).status_code == 302
    worker.drain()
    assert Deal.objects.count() == 2


def test_a_changed_decision_is_previewed_before_it_is_run(signed_in, sellers):
    page_of(signed_in, upload(signed_in, DEALS))
    batch = the_import()
    index = next(each["index"] for each in batch.preview["columns"] if each["slot"] == "number")
    answer = signed_in.post(reverse("import:run", args=[batch.pk]), {f"col-{index}": ""})
    assert answer.status_code == 200
    batch.refresh_from_db()
    assert batch.state == Import.State.PLANNED
    assert "商机编号" in [each["header"] for each in batch.preview["columns"] if not each["slot"]]
    assert Deal.objects.count() == 0


def test_a_word_is_placed_once_for_all_and_remembered(signed_in, sellers):
    text = "商机编号,客户,阶段\nD1,恒岑,神秘阶段\nD2,同砌,神秘阶段\n"
    page_of(signed_in, upload(signed_in, text))
    batch = the_import()
    assert batch.preview["unplaced"] == {"stage": {"神秘阶段": 2}}
    wanted = Stage.objects.get(code="contracting")
    signed_in.post(reverse("import:map", args=[batch.pk]), {"word-0": wanted.pk})
    batch.refresh_from_db()
    assert batch.preview["counts"]["created"] == 2
    signed_in.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
    worker.drain()
    assert {deal.stage for deal in Deal.objects.all()} == {wanted}
    again = upload(signed_in, text.replace("D1", "D8").replace("D2", "D9"))
    page_of(signed_in, again)
    latest = Import.objects.order_by("-created_at").first()
    assert latest.preview["counts"]["created"] == 2
    assert {each["reason"] for each in latest.preview["columns"]} == {"remembered"}


def test_the_header_page_takes_another_row_and_another_sheet(signed_in):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["仅供测试"])
    sheet = book.create_sheet("客户")
    for row in (["x", "y"], ["客户名称", "城市"], ["恒岑钢构", "昆山"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    answer = upload(signed_in, out.getvalue(), "customers.xlsx", "customers")
    batch = the_import()
    assert answer["Location"] == reverse("import:header", args=[batch.pk])
    html = page_of(signed_in, answer)
    assert "说明" in html
    data = {"sheet": "客户", "encoding": "", "shown": "客户|", "header": ["2"]}
    signed_in.post(answer["Location"], {**data, "shown": "|"})
    signed_in.post(answer["Location"], data)
    page_of(signed_in, signed_in.post(answer["Location"], data))
    batch.refresh_from_db()
    assert batch.preview["header"] == [2]
    assert batch.preview["counts"]["created"] == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "a.csv"), (b"%PDF-1.7", "a.xlsx"), (b"PK\x03\x04 broken", "a.xlsx"), (b"<html></html>", "a.xls")],
)
def test_a_file_that_is_none_is_refused_on_the_first_page(signed_in, content, name):
    answer = upload(signed_in, content, name)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Import.objects.exists()


def test_problem_rows_come_as_a_workbook_that_runs_no_formula(signed_in, sellers):
    text = '商机编号,客户,合同额,预计签约\nD1,"=HYPERLINK(""http://x"")",@SUM(A1),2026-01-01\nD2,恒岑,5,2026-01-02\n'
    page_of(signed_in, upload(signed_in, text))
    batch = the_import()
    answer = signed_in.get(reverse("import:problems", args=[batch.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet]
    assert rows[0][:4] == ["商机编号", "客户", "合同额", "预计签约"]
    assert len(rows) == 2
    assert rows[1][:3] == ["D1", '=HYPERLINK("http://x")', "@SUM(A1)"]
    assert rows[1][4] == 2
    assert all(cell.data_type in ("s", "n") for cell in sheet[2]), "text stays text"


def test_an_import_is_taken_back_but_for_what_was_changed_since(signed_in, sellers, admin):
    page_of(signed_in, upload(signed_in, "商机编号,客户,合同额\nD1,恒岑,5\nD2,同砌,6\n"))
    batch = the_import()
    signed_in.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
    worker.drain()
    update(Deal.objects.get(number="D2"), {"amount": 700}, actor=admin)
    signed_in.post(reverse("import:revert", args=[batch.pk]))
    worker.drain()
    batch.refresh_from_db()
    assert batch.state == Import.State.REVERTED
    assert [deal.number for deal in Deal.objects.filter(deleted_at__isnull=True)] == ["D2"]
    assert [each["title"] for each in batch.preview["kept"]] == ["同砌"]
    assert signed_in.get(reverse("import:show", args=[batch.pk])).status_code == 200


def test_people_get_their_links_on_paper(signed_in):
    page_of(
        signed_in, upload(signed_in, "姓名,经理,区域\n陈思远,周敏,华东\n何嘉木,周敏,华东\n", "people.csv", "people")
    )
    batch = the_import()
    assert batch.preview["more"]["manager"]["names"] == ["周敏"]
    signed_in.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
    worker.drain()
    html = signed_in.post(reverse("import:links", args=[batch.pk])).content.decode()
    assert html.count("/welcome/") == 4, "the administrator has no password either"
    assert html.count("<svg") >= 4
    assert signed_in.post(reverse("import:links", args=[batch.pk])).content.decode().count("/welcome/") == 0


def test_strangers_see_nobody_elses_import(client, signed_in, sellers):
    page_of(signed_in, upload(signed_in, DEALS))
    batch = the_import()
    client.force_login(Person.objects.get(name="周敏"))
    for name in ("show", "header", "map", "problems"):
        assert client.get(reverse(f"import:{name}", args=[batch.pk])).status_code == 404
    assert client.post(reverse("import:run", args=[batch.pk])).status_code == 404
    client.logout()
    assert client.get(reverse("import:map", args=[batch.pk])).status_code == 302


def test_who_may_not_import_is_told_so(client, sellers):
    client.force_login(sellers[0])
    answer = client.get(reverse("import:start"), {"as": "products"})
    assert answer.status_code == 403
    html = client.get(reverse("import:start")).content.decode()
    assert 'value="deals"' in html
    assert 'value="products"' not in html


def test_a_seller_imports_for_himself(client, sellers):
    seller = sellers[0]
    client.force_login(seller)
    page_of(client, upload(client, "客户名称,城市\n恒岑钢构,昆山\n", "c.csv", "customers"))
    batch = the_import()
    client.post(reverse("import:run", args=[batch.pk]), {"mark": batch.preview["mark"]})
    worker.drain()
    assert Customer.objects.get().owner == seller
