"""Own fields: definitions and their rules, formulas in both engines, indexes, pages."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils.translation import override

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org.models import Role
from xiaoguan.kit import action, feed, memo, worker
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.listing import Listing
from xiaoguan.kit.models import Change, ChangeRow, Feed, OwnField
from xiaoguan.kit.own import definitions, indexes, recompute, rules
from xiaoguan.transfer import batches, running
from xiaoguan.transfer.options import Options

from tests.cast import Cast, make_cast
from tests.samples import samples

pytestmark = pytest.mark.django_db

CUSTOMERS, DEALS = Entity.of(Customer), Entity.of(Deal)


def add(cast: Cast, code: str, kind: str = "text", entity: Entity = CUSTOMERS, **more: Any) -> OwnField:
    given = {"record": entity.name, "code": code, "label": more.pop("label", f"Own {code}"), "kind": kind, **more}
    row: OwnField = action.create(OwnField, given, actor=cast.administrator)
    return row


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def problem(name: str, **how: Any) -> str:
    with pytest.raises(Invalid) as found, override("en"):
        how.pop("run")()
    assert name in found.value.errors, found.value.errors
    return str(found.value.errors[name][0])


# --- Definitions -------------------------------------------------------------------------------------------------


def test_another_process_learns_of_a_field_with_the_next_page(cast: Cast) -> None:
    with feed.asked_once():
        assert not CUSTOMERS.own_columns()
    # What another process writes: the row and its feed entry, nothing of it in this process's memory.
    OwnField(record=CUSTOMERS.name, code="colour", label="Colour", kind="text").save()
    Feed.objects.create(entity="kit.ownfield")
    with feed.asked_once():
        assert [column.path for column in CUSTOMERS.own_columns()] == ["extra__c_colour"]
    page = signed_in(cast.seller).get(CUSTOMERS.url("new")).content.decode()
    assert "Colour" in page


def test_definitions_cost_no_query_of_their_own(cast: Cast) -> None:
    client = signed_in(cast.seller)
    client.get(CUSTOMERS.url("list"))

    def queries() -> int:
        with feed.asked_once():
            pass
        found: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            found.append(sql)
            return execute(sql, params, many, context)

        client.get(CUSTOMERS.url("list"))
        with connection.execute_wrapper(note):
            client.get(CUSTOMERS.url("list"))
        assert not [sql for sql in found if "kit_ownfield" in sql]
        return len(found)

    before = queries()
    for number in range(5):
        add(cast, f"plain_{number}")
    assert queries() == before


def test_labels_and_codes_that_clash_are_refused(cast: Cast) -> None:
    add(cast, "colour", label="Colour")
    assert "already" in problem("label", run=lambda: add(cast, "colour2", label="colour"))
    assert "already" in problem("label", run=lambda: add(cast, "other", label="Name"))
    assert "taken" in problem("code", run=lambda: add(cast, "name", label="Nickname"))
    assert "taken" in problem("code", run=lambda: add(cast, "colour", label="Paint"))
    assert problem("code", run=lambda: add(cast, "1st", label="First"))
    assert problem("record", run=lambda: add(cast, "x", entity=OwnField.entity))
    assert problem("choices", run=lambda: add(cast, "tone", "choice"))
    add(cast, "colour", entity=DEALS, label="Colour")
    assert rules.code_of("\u5408\u540c\u7f16\u53f7", ["hetongbianhao"]) == "hetongbianhao_2"
    assert rules.code_of("2nd colour!", []) == "f_2nd_colour"


def test_nothing_is_converted_once_there_are_values(cast: Cast) -> None:
    field = add(cast, "pieces", "number")
    customer = samples(cast).make(CUSTOMERS)
    action.update(field, {"kind": "money"}, actor=cast.administrator)
    action.update(field, {"kind": "number"}, actor=cast.administrator)
    action.update(customer, {"extra__c_pieces": 7}, actor=cast.administrator)
    said = problem("kind", run=lambda: action.update(field, {"kind": "text"}, actor=cast.administrator))
    assert "1" in said
    field.refresh_from_db()
    problem("decimals", run=lambda: action.update(field, {"decimals": 2}, actor=cast.administrator))
    field = OwnField.objects.get()
    problem("", run=lambda: action.remove(field, actor=cast.administrator))
    field = OwnField.objects.get()
    action.update(field, {"active": False}, actor=cast.administrator)
    assert not CUSTOMERS.own_columns()
    assert "extra__c_pieces" not in CUSTOMERS.names("form")
    customer.refresh_from_db()
    assert customer.extra == {"c_pieces": 7}, "a retired field keeps its values"
    assert "taken" in problem("code", run=lambda: add(cast, "pieces", label="Pieces again"))
    action.update(OwnField.objects.get(), {"active": True}, actor=cast.administrator)
    assert customer.extra__c_pieces == 7


def test_an_option_in_use_stays(cast: Cast) -> None:
    both = [{"code": "red", "label": "Red"}, {"code": "blue", "label": "Blue"}]
    for kind in ("choice", "choices"):
        field = add(cast, f"own_{kind}", kind, choices=both)
        value = "red" if kind == "choice" else ["red"]
        action.create(Customer, {"name": kind, f"extra__c_own_{kind}": value}, actor=cast.seller)
        gone = {"choices": both[1:]}
        assert "Red" in problem("choices", run=lambda f=field, g=gone: action.update(f, g, actor=cast.administrator))
        field = OwnField.objects.get(pk=field.pk)
        renamed = [{"code": "red", "label": "Crimson"}]
        action.update(field, {"choices": renamed}, actor=cast.administrator)


def test_a_change_of_a_definition_is_audited_and_undone(cast: Cast) -> None:
    field = add(cast, "colour")
    done = action.update(field, {"label": "Paint"}, actor=cast.administrator)
    assert done.change is not None
    row = ChangeRow.objects.get(change=done.change)
    assert (row.before, row.after) == ({"label": "Own colour"}, {"label": "Paint"})
    assert signed_in(cast.administrator).post(f"/undo/{done.change.pk}/").status_code == 302
    assert OwnField.objects.get().label == "Own colour"


def test_only_administrators_define(cast: Cast) -> None:
    before = Change.objects.count()
    for person in (cast.seller, cast.director, cast.auditor):
        with pytest.raises(Denied):
            action.create(OwnField, {"record": CUSTOMERS.name, "code": "x", "label": "X", "kind": "text"}, actor=person)
    assert Change.objects.count() == before


def test_what_an_import_could_not_place_stays_apart(cast: Cast) -> None:
    add(cast, "colour")
    customer = samples(cast).make(CUSTOMERS)
    Customer.objects.filter(pk=customer.pk).update(extra={"import_kind": "Unheard-of"})
    customer = Customer.objects.get(pk=customer.pk)
    done = action.update(customer, {"extra__c_colour": "red"}, actor=cast.administrator)
    assert Customer.objects.get(pk=customer.pk).extra == {"import_kind": "Unheard-of", "c_colour": "red"}
    signed_in(cast.administrator).post(f"/undo/{done.change.pk}/")
    assert Customer.objects.get(pk=customer.pk).extra == {"import_kind": "Unheard-of"}


def test_a_required_field_is_asked_for_in_forms_only(cast: Cast) -> None:
    made = samples(cast)
    old = made.make(CUSTOMERS)
    add(cast, "colour", required=True)
    client = signed_in(cast.seller)
    answer = client.post(CUSTOMERS.url("new"), {"name": "Heng Cen"})
    assert answer.status_code == 422
    assert answer.context["form"].inputs["extra__c_colour"].errors
    assert "extra__c_colour" in {item.name for item in answer.context["form"].main}, "what is needed is seen at once"
    action.update(old, {"name": "Renamed by a verb"}, actor=cast.administrator)


def test_an_own_field_is_imported_by_its_label(cast: Cast) -> None:
    add(cast, "floors", "number", label="\u697c\u5c42\u6570")
    add(cast, "site", "record", label="\u4e0a\u7ea7\u5de5\u5730", target=CUSTOMERS.name)
    action.create(Customer, {"name": "\u6052\u5c91"}, actor=cast.seller)
    text = "\u5ba2\u6237\u540d\u79f0,\u697c\u5c42\u6570,\u4e0a\u7ea7\u5de5\u5730\n\u5b8f\u783a,12,\u6052\u5c91\n"
    decisions = Options.from_json({}).to_json()
    batch = batches.take(ContentFile(text.encode(), name="f.csv"), "f.csv", CUSTOMERS, cast.seller, decisions)
    running.start(batch)
    worker.drain()
    made = Customer.objects.get(name="\u5b8f\u783a")
    assert made.extra__c_floors == 12
    assert made.extra__c_site == Customer.objects.get(name="\u6052\u5c91").pk


# --- Formulas ----------------------------------------------------------------------------------------------------


def test_a_circle_is_refused_with_its_way(cast: Cast) -> None:
    add(cast, "base", "number")
    one = add(cast, "one", "formula", formula="[Own base] + 1", result="number")
    assert OwnField.objects.get(pk=one.pk).formula == "[c_base] + 1", "stored by key, so that labels may change"
    add(cast, "two", "formula", formula="[Own one] * 2", result="number")
    said = problem("formula", run=lambda: action.update(one, {"formula": "[Own two] - 1"}, actor=cast.administrator))
    assert "Own one → Own two → Own one" in said
    one = OwnField.objects.get(pk=one.pk)
    said = problem(
        "formula", run=lambda: action.update(one, {"formula": "[Own base] + nope"}, actor=cast.administrator)
    )
    assert "14" in said
    assert "nope" in said
    problem("result", run=lambda: add(cast, "three", "formula", formula="[Own base] + 1", result="date"))
    problem("", run=lambda: action.remove(OwnField.objects.get(code="base"), actor=cast.administrator))


def test_formulas_follow_what_they_read(cast: Cast) -> None:
    add(cast, "pieces", "number")
    add(cast, "each", "money")
    add(cast, "sum", "formula", formula="[c_pieces] * [c_each]", result="money")
    add(cast, "word", "formula", formula='if([c_sum] >= 1000, "large", "small")', result="text")
    customer = action.create(Customer, {"name": "A", "extra__c_pieces": 3, "extra__c_each": 12_345}, actor=cast.seller)
    assert (customer.extra__c_sum, customer.extra__c_word) == (37_035, "small")
    done = action.update(customer, {"extra__c_pieces": 300}, actor=cast.seller)
    assert (customer.extra__c_sum, customer.extra__c_word) == (3_703_500, "large")
    signed_in(cast.seller).post(f"/undo/{done.change.pk}/")
    assert Customer.objects.get(pk=customer.pk).extra__c_sum == 37_035
    listing = Listing(CUSTOMERS, cast.seller, {"extra__c_sum": "370..371", "cols": "name,extra__c_sum"})
    assert [row.extra__c_sum for row in listing.rows] == [37_035]


def test_a_new_formula_is_worked_out_for_all_records_by_a_job(cast: Cast) -> None:
    add(cast, "pieces", "number")
    rows = [{"name": f"C{number}", "extra__c_pieces": number} for number in range(5)]
    made = action.create(Customer, rows, actor=cast.seller)
    field = add(cast, "double", "formula", formula="[c_pieces] * 2", result="number")
    add(cast, "more", "formula", formula="[c_double] + 1", result="number")
    listing = Listing(CUSTOMERS, cast.seller, {"view": "all"})
    token = listing.tokens["customers.customer"]
    worker.drain()
    fresh = Customer.objects.in_bulk([row.pk for row in made])
    assert [fresh[row.pk].extra["c_more"] for row in made] == [1, 3, 5, 7, 9]
    assert {row.version for row in fresh.values()} == {1}
    assert Listing(CUSTOMERS, cast.seller, {"view": "all"}).tokens["customers.customer"] > token
    action.update(field, {"formula": "1 / [c_pieces]", "decimals": 3}, actor=cast.administrator)
    worker.drain()
    assert "c_double" not in Customer.objects.get(pk=made[0].pk).extra, "a division by zero is nothing"
    assert Customer.objects.get(pk=made[3].pk).extra__c_double == Decimal("0.333")


def test_a_formula_is_masked_with_what_it_reads(cast: Cast) -> None:
    add(cast, "cost", "money")
    add(cast, "twice", "formula", formula="[c_cost] * 2", result="money")
    add(cast, "thrice", "formula", formula="[c_twice] * 1.5", result="money")
    action.create(Customer, {"name": "A", "extra__c_cost": 7_391_00}, actor=cast.seller)
    role = Role.objects.get(code="auditor")
    action.update(role, {"masks": {CUSTOMERS.name: ["extra__c_cost"]}}, actor=cast.system)
    client = signed_in(cast.again("auditor"))
    page = client.get(f"{CUSTOMERS.url('list')}?view=all&cols=name,extra__c_twice,extra__c_thrice").content.decode()
    assert "14782" not in page.replace(",", "")
    for name in ("extra__c_cost", "extra__c_twice", "extra__c_thrice"):
        assert client.get(f"{CUSTOMERS.url('list')}?{name}=1..").context["listing"].problems, name


LEAVES = {
    "number": ["[c_a]", "[c_b]", "[c_m]", "0", "1", "2.5", "100000", "0.0001"],
    "date": ["[c_d]", "[c_e]"],
    "text": ["[c_t]", '"x"', '"it\'s 100%"', "[name]"],
}


def expression(dice: random.Random, kind: str, depth: int) -> str:
    """A random formula of a type."""
    if depth == 0 or dice.random() < 0.15:
        return dice.choice(LEAVES[kind])

    def inner(kind: str) -> str:
        return expression(dice, kind, depth - 1)

    ways = {
        "number": [
            lambda: f"({inner('number')} {dice.choice('+-*/')} {inner('number')})",
            lambda: f"-({inner('number')})",
            lambda: f"round({inner('number')}, {dice.randrange(4)})",
            lambda: f"days({inner('date')}, {inner('date')})",
        ],
        "date": [],
        "text": [lambda: f"concat({inner('text')}, {inner('number')}, {inner('date')})"],
    }[kind]
    sign = dice.choice(["<", "<=", "=", "<>", ">", ">="])
    ways = [
        *ways,
        lambda: f"{dice.choice(['min', 'max', 'coalesce'])}({inner(kind)}, {inner(kind)})",
        lambda: (
            f"if({(left := dice.choice([*LEAVES])) and inner(left)} {sign} {inner(left)}, {inner(kind)}, {inner(kind)})"
        ),
    ]
    return str(dice.choice(ways)())


def test_python_and_sql_agree_on_every_formula(cast: Cast) -> None:
    """The same formulas over the same records: worked out at the save, then anew by the database."""
    dice = random.Random(7391)
    add(cast, "a", "number")
    add(cast, "b", "number", decimals=3)
    add(cast, "m", "money")
    add(cast, "d", "date")
    add(cast, "e", "date")
    add(cast, "t", "text")
    rows = [
        {
            "name": f"R{number}",
            "extra__c_a": dice.choice([None, 0, dice.randrange(-50, 50)]),
            "extra__c_b": dice.choice([None, Decimal(dice.randrange(-10_000, 10_000)).scaleb(-3)]),
            "extra__c_m": dice.choice([None, 0, dice.randrange(10**9)]),
            "extra__c_d": dice.choice([None, dt.date(2026, 1, 1) + dt.timedelta(dice.randrange(700))]),
            "extra__c_e": dice.choice([None, dt.date(2024, 2, 29)]),
            "extra__c_t": dice.choice([None, "x", "it's", "\u706f\u5177"]),
        }
        for number in range(25)
    ]
    for number in range(36):
        kind = ("number", "text", "date")[number % 3]
        text = expression(dice, kind, 3)
        while len(text) > 480:
            text = expression(dice, kind, 3)
        add(cast, f"f{number}", "formula", formula=text, result=kind, decimals=dice.randrange(5))
    made = action.create(Customer, rows, actor=cast.seller)
    by_python = {row.pk: row.extra for row in made}
    assert any("c_f0" in extra for extra in by_python.values())
    blank = {pk: {k: v for k, v in extra.items() if not k.startswith("c_f")} for pk, extra in by_python.items()}
    for pk, extra in blank.items():
        Customer.objects.filter(pk=pk).update(extra=extra)
    for column in definitions.added(CUSTOMERS).worked_out:
        recompute.write(CUSTOMERS, column, 0, max(by_python))
        for pk, found in Customer.objects.filter(pk__in=by_python).values_list("pk", "extra"):
            key = column.path.removeprefix("extra__")
            assert found.get(key) == by_python[pk].get(key), (column.field.definition.formula, found)
    for column in definitions.added(CUSTOMERS).worked_out:
        assert recompute.write(CUSTOMERS, column, 0, max(by_python)) == 0, "nothing differs, so nothing is written"


# --- Indexes -----------------------------------------------------------------------------------------------------


def plan(rows: Any) -> str:
    """How the database would read these rows."""
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + sql, params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_an_index_comes_and_goes_with_its_field(cast: Cast) -> None:
    field = add(cast, "colour")
    name, table = indexes.name_of(field), Customer._meta.db_table
    worker.drain()
    assert indexes.exists(name, table)
    action.update(field, {"active": False}, actor=cast.administrator)
    worker.drain()
    assert not indexes.exists(name, table)
    action.update(field, {"active": True}, actor=cast.administrator)
    worker.drain()
    assert indexes.exists(name, table)
    action.remove(field, actor=cast.administrator)
    worker.drain()
    assert not indexes.exists(name, table)
    worker.drain()


WORDS = {
    "sqlite": {
        "uid": "lower(hex(randomblob(16)))",
        "extra": "json_object('c_colour', 'colour ' || n, 'c_pieces', n, 'c_day', date('1900-01-01', n || ' days'))",
    },
    "postgresql": {
        "uid": "gen_random_uuid()",
        "extra": "jsonb_build_object('c_colour', 'colour ' || n, 'c_pieces', n, 'c_day',"
        " to_char(date '1900-01-01' + n, 'YYYY-MM-DD'))",
    },
}
"""What differs from row to row, as the engines say it."""


def multiply(row: Customer, count: int) -> None:
    """Store the row so often again, with values of own fields that count upwards from 0; by the database alone."""
    columns = [field.column for field in Customer._meta.concrete_fields if not field.primary_key]
    own = {**WORDS[connection.vendor], "name": "'C' || n"}
    listed = ", ".join(f'"{name}"' for name in columns)
    values = [own.get(name, f'c."{name}"') for name in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count - 1})"
            f" INSERT INTO customers_customer ({listed})"
            f" SELECT {', '.join(values)} FROM customers_customer c, numbers WHERE c.id = %s",
            [row.pk],
        )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_filter_on_an_own_field_uses_its_index_at_a_hundred_thousand_rows() -> None:
    cast = make_cast()
    fields = [add(cast, "colour"), add(cast, "pieces", "number"), add(cast, "day", "date")]
    multiply(Customer.objects.create(name="C0", owner=cast.seller, unit=cast.tigers), 100_000)
    worker.drain()
    wanted = {
        "extra__c_colour": "colour 4711",
        "extra__c_pieces__gte": 99_990,
        "extra__c_day__range": (dt.date(1950, 1, 1), dt.date(1950, 1, 9)),
    }
    for field, (lookup, value) in zip(fields, wanted.items(), strict=True):
        rows = Customer.objects.filter(**{lookup: value}, deleted_at__isnull=True)
        assert indexes.name_of(field) in plan(rows), plan(rows)
        assert 1 <= rows.count() <= 10
    for field in fields:
        action.update(field, {"active": False}, actor=cast.administrator)
    worker.drain()
    for field in fields:
        assert not indexes.exists(indexes.name_of(field), Customer._meta.db_table)


# --- Pages -------------------------------------------------------------------------------------------------------

PAGE = "/settings/own-fields/customers/"


def test_an_administrator_adds_orders_retires_and_deletes(cast: Cast) -> None:
    client = signed_in(cast.administrator)
    assert "ownfields" in client.get("/settings/own-fields/").resolver_match.namespaces
    assert "empty" in client.get(PAGE).content.decode()
    for kind in ("text", "choice", "formula"):
        assert client.get(f"{PAGE}new/?kind={kind}").status_code == 200
    client.post(f"{PAGE}new/?kind=choice", {"label": "\u5c4b\u9762", "choices": "\u5f69\u94a2\n\u6df7\u51dd\u571f\n"})
    client.post(f"{PAGE}new/?kind=number", {"label": "Floors", "decimals": "1", "in_list": "1"})
    roof, floors = OwnField.objects.order_by("position")
    assert (roof.code, [each["label"] for each in roof.choices]) == ("wumian", ["\u5f69\u94a2", "\u6df7\u51dd\u571f"])
    assert [each["code"] for each in roof.choices] == ["caigang", "hunningtu"]
    assert (floors.decimals, floors.in_list, floors.code) == (1, True, "floors")
    assert "Floors" in client.get(CUSTOMERS.url("list") + "?view=all").content.decode() or not Customer.objects.exists()
    client.post(f"{PAGE}{floors.pk}/move/", {"to": "up"})
    assert [each.code for each in OwnField.objects.order_by("position")] == ["floors", "wumian"]
    data = {"label": "Roof", "option_caigang": "Steel", "option_hunningtu": "", "choices": "Wood", "_version": 1}
    roof.refresh_from_db()
    answer = client.post(f"{PAGE}{roof.pk}/", {**data, "_version": roof.version})
    assert answer.status_code == 302
    roof.refresh_from_db()
    assert roof.choices == [{"code": "caigang", "label": "Steel"}, {"code": "wood", "label": "Wood"}]
    client.post(f"{PAGE}{roof.pk}/retire/")
    assert [column.path for column in CUSTOMERS.own_columns()] == ["extra__c_floors"]
    client.post(f"{PAGE}{roof.pk}/delete/")
    assert OwnField.objects.get(code="wumian").deleted_at is not None
    assert client.get("/settings/own-fields/nothing/").status_code == 404
    assert client.get("/settings/own-fields/own-fields/").status_code == 404


def test_mistakes_stand_beside_their_input(cast: Cast) -> None:
    client = signed_in(cast.administrator)
    answer = client.post(f"{PAGE}new/?kind=text", {"label": "Name"})
    assert answer.status_code == 422
    assert answer.context["editor"].inputs["label"].errors
    answer = client.post(f"{PAGE}new/?kind=choice", {"label": "Roof", "choices": ""})
    assert answer.context["editor"].inputs["choices"].errors
    answer = client.post(f"{PAGE}new/?kind=formula", {"label": "Sum", "formula": "1 +", "result": "number"})
    assert answer.context["editor"].inputs["formula"].errors
    assert not OwnField.objects.exists()


def test_the_editor_shows_what_a_formula_comes_to(cast: Cast) -> None:
    add(cast, "pieces", "number", label="Pieces")
    for number in range(6):
        action.create(Customer, {"name": f"C{number}", "extra__c_pieces": number}, actor=cast.administrator)
    client = signed_in(cast.administrator)
    data = {"label": "Double", "formula": "[Pieces] * 2", "result": "number", "decimals": "0", "_try": "1"}
    answer = client.post(f"{PAGE}new/?kind=formula", data)
    assert [(title, str(html)) for title, html in answer.context["results"]] == [
        (f"C{number}", str(number * 2)) for number in (5, 4, 3, 2, 1)
    ]
    assert not OwnField.objects.filter(code="double").exists()
    answer = client.post(f"{PAGE}new/?kind=formula", {**data, "formula": "[Pieces] * nothing"})
    assert answer.status_code == 422
    assert answer.context["results"] is None


def test_everybody_else_finds_no_page(cast: Cast) -> None:
    field = add(cast, "colour")
    for person in (cast.seller, cast.director, cast.outsider):
        client = signed_in(person)
        for url in ("/settings/own-fields/", PAGE, f"{PAGE}new/", f"{PAGE}{field.pk}/"):
            assert client.get(url).status_code == 404, url
        for verb in ("move", "retire", "delete"):
            assert client.post(f"{PAGE}{field.pk}/{verb}/").status_code == 404, verb
    assert OwnField.objects.get().active
    assert memo is not None
