"""One term for one thing: the catalogue keeps to the glossary, and no noun of the trade has two Chinese renderings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import messages
import pytest
from babel.messages.catalog import Catalog, Message
from django.utils.translation import gettext, override, pgettext

pytestmark = pytest.mark.once

GLOSSARY = Path(__file__).parents[1] / "docs" / "glossary.md"
PLACE = re.compile(r"%\(\w+\)[sd]")
ROW = re.compile(r"^\| ([^|]+) \| ([^|]*[㐀-鿿][^|]*) \|", re.M)

NOUNS = {
    "customer": "客户",
    "deal": "商机",
    "contact": "联系人",
    "contract": "合同",
    "receipt": "回款",
    "refund": "退款",
    "target": "目标",
    "team": "团队",
    "stage": "阶段",
    "pipeline": "销售流程",
    "product": "产品",
    "owner": "负责人",
    "follow-up": "跟进",
    "task": "任务",
    "role": "角色",
    "metric": "指标",
    "next step": "下一步",
    "expected close": "预计签约",
    "win probability": "赢率",
    "win rate": "赢单率",
    "stand-in": "代理人",
    "reason for losing": "输单原因",
    "administrator": "管理员",
    "recycle bin": "回收站",
    "background job": "后台任务",
}
"""A sentence that names one of these in English names it so in Chinese too."""

SAID_OTHERWISE = {
    "deal": ["在手", "单", "个"],
    "stage": ["停留", "进到"],
    "task": ["项"],
    "contact": ["联系"],
    "contract": ["签"],
    "owner": ["业主"],
    "customer": ["客情"],
    "receipt": ["这笔"],
}
"""Where the noun is counted or is part of another term, its own short form is right: 停留 23 天, 赢单 3 个."""

UNNAMED = {
    "Among the parts of", "deal lines", "deal line", "Take back into a team", "besides the main team",
    "target of person", "target of team", "Pipeline by stage", "customer since",
}  # fmt: skip
"""Messages that do not need to name the noun a second time."""

RIVALS = {
    "客户": ["顾客", "用户单位"],
    "商机": ["机会", "销售线索"],
    "回款": ["收款", "到款"],
    "赢单率": ["成交率", "胜率"],
    "赢率": ["成功率", "赢单概率"],
    "预计签约": ["预计成交", "预计关闭", "预计结束"],
    "负责人": ["所有者", "拥有者", "归属人"],
    "团队": ["小组", "战队"],
    "人员": ["员工档案", "雇员"],
    "跟进": ["跟踪记录", "跟单"],
    "销售流程": ["管道", "漏斗"],
    "应收": ["应收帐"],
    "登录": ["登陆", "登入"],
    "账号": ["帐号", "帐户", "账户"],
    "撤销": ["撤消", "还原操作"],
    "你": ["您"],
}
"""Renderings that other programs use and this one never does."""

OUR_OWN = {
    "Note": "备注", "Name": "姓名", "name": "名称", "person": "人员", "Person": "人员", "Save": "保存",
    "Delete": "删除", "Export": "导出", "Show": "查看", "Mon": "周一", "Wed": "周三", "Sun": "周日", "Xiaoguan": "销冠",
    "yuan": "元", "wan": "万", "yi": "亿", "Change password": "改密码", "full name": "姓名",
}  # fmt: skip
"""Words that Django and other packages translate too, some of them otherwise: ours win."""


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """The committed translations."""
    return messages.load()


def texts(message: Message) -> tuple[str, str]:
    """The English and the Chinese of a message, plurals by their general form."""
    source = message.id if isinstance(message.id, str) else message.id[-1]
    return source, message.string if isinstance(message.string, str) else message.string[0]


def strays(catalogue: Catalog, noun: str, chinese: str) -> Iterator[str]:
    """Messages that name a noun in English and something else in Chinese."""
    named = re.compile(rf"(?<![\w(-]){re.escape(noun)}s?(?![\w)-])", re.I)
    fine = [chinese, *SAID_OTHERWISE.get(noun, [])]
    for message in catalogue:
        source, target = texts(message) if message.id else ("", "")
        if named.search(PLACE.sub("", source)) and source not in UNNAMED and not any(word in target for word in fine):
            yield f"{source} => {target}"


@pytest.mark.parametrize(("noun", "chinese"), NOUNS.items())
def test_a_noun_has_one_rendering(catalogue: Catalog, noun: str, chinese: str) -> None:
    """Wherever a noun of the trade is named, its Chinese is the one of the glossary."""
    assert not list(strays(catalogue, noun, chinese))


@pytest.mark.parametrize(("chinese", "rivals"), RIVALS.items())
def test_no_rival_is_used(catalogue: Catalog, chinese: str, rivals: list[str]) -> None:
    """Words that mean the same as a term of the glossary stand nowhere."""
    found = [texts(message)[1] for message in catalogue if any(rival in texts(message)[1] for rival in rivals)]
    assert not found, f"say {chinese}: {found}"


def test_the_glossary_says_what_the_catalogue_says(catalogue: Catalog) -> None:
    """Every term of the page that is a message of its own has the page's translation."""
    rows = dict(ROW.findall(GLOSSARY.read_text(encoding="utf-8")))
    assert len(rows) > 60
    known = {texts(one)[0].lower(): texts(one)[1] for one in catalogue if one.id and not one.context}
    wrong = {term: (chinese, known[term]) for term, chinese in rows.items() if known.get(term, chinese) != chinese}
    assert not wrong
    assert sum(term in known for term in rows) > 40
    assert NOUNS.items() <= rows.items() | {
        ("administrator", "管理员"),
        ("recycle bin", "回收站"),
        ("background job", "后台任务"),
    }


@pytest.mark.parametrize(("source", "chinese"), OUR_OWN.items())
def test_our_rendering_wins(source: str, chinese: str) -> None:
    """A word that Django translates too is shown in our rendering."""
    with override("zh-hans"):
        assert gettext(source) == chinese


def test_one_english_word_with_two_meanings_has_contexts() -> None:
    """The button, the state and the amount are three words in Chinese."""
    with override("zh-hans"):
        assert pgettext("button", "Done") == "完成"
        assert gettext("Done") == "已完成"
        assert pgettext("amount so far", "Won") == "已签"
        assert gettext("Won") == "赢单"
        assert pgettext("of a person", "name") == "姓名"


def test_punctuation_is_chinese(catalogue: Catalog) -> None:
    """No half-width comma after a Chinese character, no curly quotes, no exclamation, no begging, no cheering."""
    bad = re.compile(r"[㐀-鿿][,;:?!]|[“”！]|成功|\.\.\.")
    assert not [texts(message)[1] for message in catalogue if bad.search(texts(message)[1])]


def test_a_stray_rendering_is_found() -> None:
    """The check itself tells a term from its rival."""
    other = Catalog(locale="zh_Hans")
    other.add("Move the deal", "移动机会")
    other.add("Ideal", "理想")
    assert list(strays(other, "deal", "商机")) == ["Move the deal => 移动机会"]
