"""Column headers of real files and of people's habits."""

import pytest
from hypothesis import given, strategies as st

from xiaoguan.lexicon.header_words import ALIASES, NOUNS, WORDS
from xiaoguan.lexicon.headers import SURE, candidates, guess, slug_of

REAL = {
    "deals": {
        "opportunity_id": "number", "sales_agent": "owner", "product": "product", "account": "customer", "deal_stage": "stage",
        "engage_date": "opened_on", "close_date": "closed_on", "close_value": "amount", "engage_quarter": "", "close_quarter": "",
        "商机编号": "number", "销售员": "owner", "产品": "product", "客户名称": "customer", "阶段": "stage", "接洽日期": "opened_on",
        "成交日期": "closed_on", "成交金额": "amount", "项目名称": "name", "客户（全称）": "customer", "合同额（万）": "amount",
        "预计签约": "expected_on", "业务员": "owner", "备注2": "note", "项目阶段": "stage", "CloseValue": "amount", "輸單原因": "loss_reason",
        "赢率(%)": "probability", "下次跟进时间": "next_due", "所属销售": "owner", "预计成交金额/万元": "amount", "拼音": "",
    },
    "customers": {
        "account": "name", "sector": "industry", "year_established": "founded_on", "revenue": "annual_revenue",
        "employees": "employees", "office_location": "address", "subsidiary_of": "parent", "客户编号": "number",
        "基本信息/客户名称": "name", "基本信息\n行业": "industry", "网址": "website", "省份": "province", "城市": "city", "详细地址": "address",
        "负责人": "owner", "建档日期": "since", "年采购额(万元)": "annual_purchase", "公司全称": "name", "A股简称": "short_name",
        "注册地址": "address", "所属行业": "industry", "公司网址": "website", "英文名称": "", "A股总股本": "", "客户级别": "tier",
        "客 户 名 称": "name", "＊客户名称": "name", "Street address": "address", "Postal Code": "", "业务员姓名": "",
    },
    "people": {
        "sales_agent": "name", "manager": "manager", "regional_office": "office", "姓名": "name", "工号": "employee_no", "手机号": "phone",
        "邮箱": "email", "所属部门": "team", "直属上级": "manager", "职位": "position", "入职日期": "joined_on", "员工姓名": "name",
    },
    "products": {"product": "name", "series": "category", "sales_price": "price", "产品": "name", "系列": "category", "单价": "price",
                 "单价（元）": "price", "产品型号": "name", "单位": "unit_name"},
    "contacts": {"联系人": "name", "客户": "customer", "职务": "title", "手机": "mobile", "办公电话": "phone", "微信号": "wechat"},
    "contracts": {"合同编号": "number", "签约日期": "signed_on", "合同金额（元）": "amount", "客户": "customer", "项目": "deal"},
    "receipts": {"回款日期": "received_on", "回款金额": "amount", "付款单位": "customer", "合同号": "contract", "付款方式": "method"},
    "refunds": {"退款日期": "refunded_on", "退款金额": "amount", "退款原因": "reason"},
    "follow-ups": {"跟进时间": "happened_at", "跟进内容": "body", "跟进方式": "kind", "跟进人": "owner", "客户": "customer"},
    "tasks": {"任务": "title", "截止日期": "due_on", "执行人": "owner", "优先级": "priority"},
    "target-lines": {"姓名": "person", "团队": "team", "月份": "start", "目标金额（万元）": "amount", "指标": "metric", "客户名称": "customer",
                     "新客户": "number", "产品型号": "product"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("entity", "header", "field"),
    [(entity, header, field) for entity, each in REAL.items() for header, field in each.items()],
)
def test_headers(entity: str, header: str, field: str) -> None:
    assert guess(header, entity) == field


def test_candidates_say_how_sure_and_why() -> None:
    assert [each[1:] for each in candidates("客户名称", "deals")][:1] == [(100, "same")]
    assert candidates("合同额（万）", "deals")[0][1:] == (97, "same")
    assert candidates("基本信息/客户名称", "customers")[0].why == "part"
    ending = candidates("我司业务员", "deals")[0]
    assert (ending.field, ending.why) == ("owner", "ending")
    scores = [each.score for each in candidates("编号", "deals")]
    assert scores == sorted(scores, reverse=True)


def test_a_field_that_is_not_there_makes_room_for_the_next() -> None:
    assert guess("联系人", "customers") == "contact"
    assert guess("手机", "customers", among={"phone", "name"}) == ""
    assert guess("电话", "customers", among={"phone", "name"}) == "phone"
    assert guess("状态", "deals", among={"stage"}) == ""


def test_other_names_of_an_entity() -> None:
    assert slug_of("person") == slug_of("org.person") == slug_of("people") == "people"
    assert slug_of("goals.Target") == slug_of("targets") == "target-lines"
    assert candidates("姓名", "planets") == []
    assert set(ALIASES.values()) <= set(WORDS)
    assert set(NOUNS) <= set(WORDS)


def test_no_word_stands_twice_in_one_field() -> None:
    for entity, fields in WORDS.items():
        for field, words in fields.items():
            split = [word.strip().casefold() for word in words.split("|")]
            assert "" not in split, (entity, field)


@given(st.text(max_size=30), st.sampled_from(sorted(WORDS)))
def test_any_header_gets_an_answer(header: str, entity: str) -> None:
    found = candidates(header, entity)
    assert len({each.field for each in found}) == len(found)
    assert all(0 < each.score <= 100 and each.field in WORDS[entity] for each in found)
    assert guess(header, entity) == next((each.field for each in found if each.score >= SURE), "")


@pytest.mark.parametrize(
    "text",
    ["Acme Corporation", "恒岑钢构（昆山）有限公司", "1054", "2017-03-01", "Moses Frase", "江苏", "GTX Pro", "赢单"],
)
def test_data_is_no_header(text: str) -> None:
    assert all(guess(text, entity) == "" for entity in WORDS)
