"""Words for closed lists."""

import pytest

from xiaoguan.lexicon.choices import code_of, codes
from xiaoguan.lexicon.stages import code_of as stage_of


@pytest.mark.parametrize(
    ("entity", "field", "word", "code"),
    [
        ("follow-ups", "kind", "电话回访", "call"), ("followup", "kind", "上门拜访", "visit"), ("tasks", "priority", "紧急", "1"),
        ("customers", "tier", "a类", "A"), ("customers", "tier", "Ａ级", "A"), ("deals", "source", "老客户介绍", "referral"),
        ("receipts", "method", "銀行轉賬", "transfer"), ("receipts", "method", "承兑汇票", "acceptance"), ("contracts", "status", "执行中", "active"),
        ("teams", "badge", "虎队", "tiger"), ("contacts", "role", "决策人", "decides"), ("customers", "tier", "未知", ""), ("deals", "nothing", "a", ""),
    ],
)  # fmt: skip
def test_words(entity: str, field: str, word: str, code: str) -> None:
    assert code_of(entity, field, word) == code


def test_words_of_stages() -> None:
    words = ("赢单", "输单", "跟进中", "初步接触", "Won", "Lost", "Engaging", "Prospecting", "已签约", "商务谈判")
    assert [stage_of(word) for word in words] == [
        "after_sales", "lost", "needs", "prospecting", "after_sales", "lost", "needs", "prospecting", "after_sales", ""
    ]  # fmt: skip


def test_codes_are_shared_by_the_two_sources() -> None:
    assert codes("deals", "source") == codes("customers", "source")
