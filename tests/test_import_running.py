"""Deciding and writing rows: keys, modes, links, bad rows among good ones, and a worker killed in the middle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal, Product, StageEntry
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import clock, guard, worker
from xiaoguan.kit.action import create, update
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal
from xiaoguan.kit.models import ChangeRow, Job
from xiaoguan.transfer import batches, running
from xiaoguan.transfer.models import Import, ImportRow
from xiaoguan.transfer.options import BadOptions, Options
from xiaoguan.transfer.tally import assert_complete

from tests.cast import Cast

pytestmark = pytest.mark.django_db


def stored(text: str, slug: str = "customers", actor=None, **options) -> Import:
    """A file taken in, not started."""
    decisions = Options.from_json(options).to_json()
    file = ContentFile(text.encode(), name="file.csv")
    return batches.take(file, "file.csv", Entity.by_slug(slug), actor or system_actor(), decisions)


def imported(text: str, slug: str = "customers", actor=None, **options) -> Import:
    """Plan and run; the plan must have told the truth."""
    batch = stored(text, slug, actor, **options)
    planned = batches.session_of(batch).plan().counts
    running.start(batch)
    worker.drain()
    batch.refresh_from_db()
    assert batch.state == Import.State.DONE, batch.job.trace
    assert batch.counts == planned
    assert_complete(batch.counts)
    return batch


def counts(batch: Import) -> tuple[int, ...]:
    """created, updated, unchanged, skipped, errors."""
    return tuple(batch.counts[name] for name in ("created", "updated", "unchanged", "skipped", "errors"))


def codes(batch: Import) -> list[str]:
    """Codes of all findings in file order."""
    return [each["code"] for row in batch.rows.order_by("number") for each in row.messages or []]


class TestKeysAndModes:
    """Which record a row is about, and what may happen to it."""

    TEXT = "客户编号,客户名称,城市\nC1,恒岑钢构,昆山\nC2,同砌设计院,上海\n"

    def test_again_changes_nothing(self):
        assert counts(imported(self.TEXT)) == (2, 0, 0, 0, 0)
        assert counts(imported(self.TEXT)) == (0, 0, 2, 0, 0)
        assert Customer.objects.count() == 2

    @pytest.mark.parametrize(
        ("mode", "wanted"), [("both", (1, 1, 1, 0, 0)), ("create", (1, 0, 0, 2, 0)), ("update", (0, 1, 1, 1, 0))]
    )
    def test_modes(self, mode, wanted):
        imported(self.TEXT)
        changed = self.TEXT.replace("上海", "苏州") + "C3,启昉智造园,无锡\n"
        assert counts(imported(changed, mode=mode)) == wanted
        assert Customer.objects.get(number="C2").city == ("上海" if mode == "create" else "苏州")

    def test_an_update_keeps_what_was_there_before_in_the_log(self):
        imported(self.TEXT)
        batch = imported(self.TEXT.replace("上海", "苏州"))
        row = batch.rows.get(result="updated")
        change = ChangeRow.objects.get(change=row.change_id, entity="customers.customer")
        assert (change.before, change.after) == (
            {"city": "上海", "region": "310000"},
            {"city": "苏州", "region": "320500"},
        )
        assert change.change.source == "import"

    def test_an_empty_cell_clears_nothing(self):
        imported(self.TEXT)
        assert counts(imported("客户编号,客户名称,城市\nC1,恒岑钢构,\n")) == (0, 0, 1, 0, 0)

    def test_by_name_where_there_is_no_number(self):
        imported("客户名称,城市\n恒岑钢构（昆山）有限公司,昆山\n")
        again = imported("客户名称,城市\n恆岑鋼構(昆山)有限公司,苏州\n")
        assert counts(again) == (0, 1, 0, 0, 0), "script, width and punctuation make no other company"
        other = imported("客户名称,城市\n恒岑钢构（上海）有限公司,上海\n")
        assert counts(other) == (1, 0, 0, 0, 0), "but a region does"

    def test_equal_names_with_different_numbers_are_two(self):
        imported("客户编号,客户名称\nC1,恒岑钢构\n")
        assert counts(imported("客户编号,客户名称\nC9,恒岑钢构\n")) == (1, 0, 0, 0, 0)

    def test_never_compared(self):
        assert counts(imported(self.TEXT + "C3,恒岑钢构,昆山\n", key="none", columns={"客户编号": ""})) == (
            3,
            0,
            0,
            0,
            0,
        )

    def test_the_same_key_twice_in_one_file(self):
        text = "客户编号,客户名称,城市\nC1,恒岑钢构,昆山\nC1,恒岑钢构,苏州\nC1,恒岑钢构,苏州\n"
        batch = imported(text, twins=True)
        assert counts(batch) == (1, 1, 1, 0, 0)
        assert Customer.objects.get().city == "苏州"
        again = imported(text.replace("C1", "C2"), mode="create", twins=True)
        assert counts(again) == (1, 0, 0, 2, 0)
        assert codes(again) == ["same_as_row", "same_as_row"]

    def test_a_number_out_of_sight_is_taken_but_not_named(self, cast: Cast):
        create(Customer, {"name": "别人的客户", "number": "C1"}, actor=cast.other_seller)
        batch = imported("客户编号,客户名称\nC1,恒岑钢构\nC2,同砌\n", actor=cast.seller)
        assert counts(batch) == (1, 0, 0, 0, 1)
        assert codes(batch) == ["not_yours"]
        assert "别人的客户" not in str(list(batch.rows.values_list("messages", "raw")))


class TestLinks:
    """Names of other records: found, made, left empty, refused; people never made."""

    def test_policies(self, cast: Cast):
        text = "商机编号,客户,合同额\nD1,新客户,5\n"
        assert counts(imported(text, "deals", relations={"customer": "error"})) == (0, 0, 0, 0, 1)
        batch = imported(text, "deals", relations={"customer": "blank"})
        assert counts(batch) == (1, 0, 0, 0, 0)
        deal = Deal.objects.get()
        assert (deal.customer, deal.extra) == (None, {"import_customer": "新客户"})
        imported(text.replace("D1", "D2"), "deals")
        assert Deal.objects.get(number="D2").customer.name == "新客户"

    def test_one_new_customer_for_all_its_deals_owned_by_the_first_deals_owner(self, cast: Cast):
        name = cast.seller.name
        text = f"商机编号,客户,负责人\nD1,新客户,{name}\nD2, 新 客户,{name}\nD3,新客户,\n"
        imported(text, "deals", actor=cast.administrator)
        assert Customer.objects.get().owner == cast.seller
        assert Deal.objects.filter(customer=Customer.objects.get()).count() == 3

    def test_an_unknown_person_leaves_the_record_in_the_pool_with_the_text_kept(self, cast: Cast):
        batch = imported("客户名称,负责人\n恒岑,无此人\n", actor=cast.manager)
        customer = Customer.objects.get()
        assert codes(batch) == ["no_such_person"]
        assert (customer.owner, customer.unit, customer.extra) == (None, cast.tigers, {"import_owner": "无此人"})

    def test_an_unknown_person_does_not_take_a_record_from_its_owner(self, cast: Cast):
        create(Customer, {"name": "恒岑", "owner": cast.seller}, actor=cast.manager)
        assert counts(imported("客户名称,负责人,城市\n恒岑,无此人,昆山\n", actor=cast.manager)) == (0, 1, 0, 0, 0)
        assert Customer.objects.get().owner == cast.seller

    def test_a_meaning_given_by_hand(self, cast: Cast):
        values = {"owner": {"小陈": {"id": cast.seller.pk}}, "city": {"KS": "昆山"}, "annual_purchase": {"面议": None}}
        text = "客户名称,负责人,城市,年采购额\n恒岑,小陈,KS,面议\n"
        assert counts(imported(text, actor=cast.administrator, values=values)) == (1, 0, 0, 0, 0)
        customer = Customer.objects.get()
        assert (customer.owner, customer.city, customer.annual_purchase) == (cast.seller, "昆山", None)

    def test_nobody_adds_to_a_record_of_others(self, cast: Cast):
        create(Customer, {"name": "恒岑", "owner": cast.seller}, actor=cast.seller)
        text = "客户,联系人\n恒岑,马骏\n"
        assert counts(imported(text, "contacts", actor=cast.seller)) == (1, 0, 0, 0, 0)
        assert counts(imported(text, "contacts", actor=cast.other_seller, relations={"customer": "error"}))[4] == 1
        assert Contact.objects.count() == 1

    def test_rows_that_point_at_later_rows(self):
        imported("客户名称,上级公司\n子公司,母公司\n母公司,\n另一家,没有的母公司\n")
        parents = {each.name: each.parent.name if each.parent else "" for each in Customer.objects.all()}
        assert parents == {"子公司": "母公司", "母公司": "", "另一家": "没有的母公司", "没有的母公司": ""}


class TestContacts:
    """A customer and the person there in one row."""

    def test_customer_and_contact_in_one_sheet(self):
        text = "客户名称,联系人,联系人手机\n恒岑,马骏,13812345678\n恒岑,韩露,\n同砌,,\n"
        assert counts(imported(text, twins=True)) == (2, 0, 1, 0, 0)
        assert {(each.customer.name, each.name, each.mobile) for each in Contact.objects.all()} == {
            ("恒岑", "马骏", "13812345678"),
            ("恒岑", "韩露", ""),
        }
        assert counts(imported(text, twins=True)) == (0, 0, 3, 0, 0)
        assert Contact.objects.count() == 2


class TestDeals:
    """What a deal's stage, outcome and dates come to."""

    def test_dates_follow_the_stage(self):
        imported(
            "商机编号,客户,阶段,成交日期\nD1,甲方,赢单,2017-03-01\nD2,甲方,输单,2017-03-02\nD3,甲方,跟进中,2027-03-03\n",
            "deals",
        )
        found = {deal.number: deal for deal in Deal.objects.select_related("stage")}
        assert [found[number].status for number in ("D1", "D2", "D3")] == ["won", "lost", "open"]
        assert found["D1"].won_on.isoformat() == "2017-03-01"
        assert found["D2"].lost_on.isoformat() == "2017-03-02"
        assert (found["D3"].closed_on, found["D3"].expected_on.isoformat()) == (None, "2027-03-03")
        assert StageEntry.objects.get(deal=found["D1"]).entered_on.isoformat() == "2017-03-01"

    def test_a_closing_day_without_a_stage_means_won(self):
        imported("商机编号,客户,成交日期,成交金额\nD1,甲方,2017-03-01,5\n", "deals")
        assert Deal.objects.get().status == "won"

    def test_an_outcome_column_beside_stages(self):
        imported("商机编号,客户,阶段,状态\nD1,甲方,方案报价,输单\nD2,甲方,方案报价,进行中\n", "deals")
        assert {deal.number: deal.stage.code for deal in Deal.objects.all()} == {"D1": "lost", "D2": "solution"}

    def test_products_by_any_spelling(self):
        create(Product, {"name": "GTX Pro"}, actor=system_actor())
        imported("商机编号,客户,产品\nD1,甲方,GTXPro\nD2,甲方,gtx pro\n", "deals")
        assert Product.objects.count() == 1
        assert Deal.objects.filter(product=Product.objects.get()).count() == 2


class TestBadRows:
    """One bad row never stops the rest, wherever it turns out to be bad."""

    def test_every_kind_among_good_ones(self):
        good = "".join(f"G{n},客户{n},2026-01-0{n},{n}\n" for n in range(1, 9))
        text = (
            "客户编号,客户名称,建档日期,年采购额\n" + good + "B1,坏日期,2026-13-01,1\nB2,坏数,2026-01-01,abc\n"
            "B3,,2026-01-01,1\nB4,多,一格,2026-01-01,1\nB5,少\n合计,,,36\n"
        )
        batch = imported(text)
        assert counts(batch) == (8, 0, 0, 1, 5)
        assert codes(batch) == [
            "no_such_month", "not_a_number", "required", "too_many_cells_in_row", "too_few_cells", "subtotal",
        ]  # fmt: skip
        assert batch.rows.get(number=10).raw[0] == "B1"

    def test_columns_in_another_order_and_unknown_ones(self):
        batch = imported("备注2,城市,神秘列,客户名称\n,昆山,x,恒岑\n")
        assert counts(batch) == (1, 0, 0, 0, 0)
        assert batches.session_of(batch).left_out == ["备注2", "神秘列"]

    def test_a_refusal_by_a_rule_costs_only_its_row(self, monkeypatch):
        def refuse(attempt: guard.Attempt) -> None:
            values = attempt.values if isinstance(attempt.values, list) else [attempt.values]
            if any(each["name"] == "坏客户" for each in values):
                raise Refusal("Not now", "because", code="test")

        monkeypatch.setitem(guard.guards, "customers.customer.create", [guard.Guard("x", "test", "test", refuse)])
        batch = stored("客户名称\n甲\n坏客户\n乙\n")
        running.start(batch)
        worker.drain()
        batch.refresh_from_db()
        assert counts(batch) == (2, 0, 0, 0, 1)
        assert codes(batch) == ["refused"]
        assert {each.name for each in Customer.objects.all()} == {"甲", "乙"}

    def test_a_record_changed_by_somebody_in_between(self, cast: Cast, monkeypatch):
        imported("客户编号,客户名称,城市\nC1,甲,昆山\nC2,乙,昆山\n")
        batch = stored("客户编号,客户名称,城市\nC1,甲,苏州\nC2,乙,苏州\n")
        decide = running.Writer._write

        def meanwhile(self, drafts):
            if len(drafts) > 1:
                update(Customer.objects.get(number="C1"), {"city": "上海"}, actor=cast.administrator)
            return decide(self, drafts)

        monkeypatch.setattr(running.Writer, "_write", meanwhile)
        running.start(batch)
        worker.drain()
        batch.refresh_from_db()
        assert counts(batch) == (0, 2, 0, 0, 0), "the rows were read again, one by one"
        assert Customer.objects.get(number="C1").city == "苏州"

    def test_whoever_may_not_import_gets_nothing_done(self, cast: Cast):
        batch = stored("产品,单价\nA,5\n", "products", actor=cast.seller)
        running.start(batch)
        worker.drain()
        batch.job.refresh_from_db()
        assert batch.job.state == Job.State.FAILED
        assert Product.objects.count() == 0

    @pytest.mark.parametrize(
        "wrong",
        [{"mode": "x"}, {"nonsense": 1}, {"relations": {"customer": "x"}}, {"units": {"a": "x"}}, {"columns": []}],
    )
    def test_decisions_that_make_no_sense(self, wrong):
        with pytest.raises(BadOptions):
            Options.from_json(wrong)


def database_url() -> str:
    """The database under test, as another process names it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(found['NAME']))}"
    host = quote(found["HOST"] or "", safe="")
    return f"postgresql://{found['USER']}:{quote(found['PASSWORD'])}@:{found['PORT']}/{found['NAME']}?host={host}"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_killed_in_mid_import_loses_and_doubles_nothing(tmp_path: Path):
    """Names are never compared here, so whatever is written twice shows."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "files").symlink_to(settings.MEDIA_ROOT)
    rows = 4000
    text = "客户名称,城市,年采购额\n" + "".join(f"客户{n},昆山,{n}\n" for n in range(rows))
    batch = stored(text, key="none")
    running.start(batch)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XIAOGUAN_TEST", "PYTEST_"))}
    environment = kept | {"XIAOGUAN_HOME": str(home), "DATABASE_URL": database_url(), "SECRET_KEY": "k" * 60}
    for _kill in range(2):
        before = Job.objects.get(kind="transfer.import").progress
        process = subprocess.Popen([sys.executable, "-m", "xiaoguan.config.cli", "worker"], env=environment)
        deadline = time.monotonic() + 90
        while Job.objects.get(kind="transfer.import").progress <= before:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        row = Job.objects.get(kind="transfer.import")
        assert row.state == Job.State.RUNNING, "done before it was killed: give it more rows"
        Job.objects.filter(pk=row.pk).update(lease_until=clock.machine_now())
    worker.drain()
    batch.refresh_from_db()
    assert batch.state == Import.State.DONE
    assert batch.counts == {"rows": rows, "created": rows, "updated": 0, "unchanged": 0, "skipped": 0, "errors": 0}
    names = list(Customer.objects.values_list("name", flat=True))
    assert len(names) == len(set(names)) == rows
    assert ImportRow.objects.filter(batch=batch).count() == rows
    assert Customer.objects.get(name="客户3999").annual_purchase == 399_900
