"""Numbers, domains, codes and addresses of companies, as people write them."""

import pytest

from xiaoguan.lexicon import identity


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0512-5555 1234", ("51255551234",)),
        ("+86 512 55551234", ("51255551234",)),
        ("0086-13812345678", ("13812345678",)),
        ("138 1234 5678", ("13812345678",)),
        ("（0512）55551234 转 8", ("51255551234",)),
        ("13812345678 / 0512-55551234", ("13812345678", "51255551234")),
        ("１３８１２３４５６７８", ("13812345678",)),
        ("8612345678", ("8612345678",)),
        ("110", ()),
        ("无", ()),
        ("", ()),
    ],
)
def test_numbers_meet_however_they_are_written(text: str, numbers: tuple[str, ...]) -> None:
    assert identity.phones(text) == numbers


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("www.hengcen.cn", "hengcen.cn"),
        ("https://www.HengCen.cn/about?x=1", "hengcen.cn"),
        ("http://mall.hengcen.com.cn:8080", "mall.hengcen.com.cn"),
        ("sales@hengcen.cn", "hengcen.cn"),
        ("恒岑.中国", "恒岑.中国"),
        ("someone@qq.com", ""),
        ("无", ""),
        ("-", ""),
    ],
)
def test_domains_are_the_companys_own(text: str, domain: str) -> None:
    assert identity.domain(text) == domain


def test_a_credit_code_has_the_right_check_character() -> None:
    assert identity.is_credit_code("91350100M000100Y43")  # the example in GB 32100-2015
    assert identity.is_credit_code(" 9135 0100 m000 100y 43 ")
    code = "91350100M000100Y43"
    for at in range(18):
        for other in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            wrong = code[:at] + other + code[at + 1 :]
            assert identity.is_credit_code(wrong) == (wrong == code)
    assert not identity.is_credit_code("")
    assert not identity.is_credit_code("91350100I000100Y43")


def test_what_else_agrees_counts_on_top_of_the_names() -> None:
    alone = identity.together(0.1, domains=("", ""))
    assert alone == pytest.approx(0.1)
    assert identity.together(0.1, domains=("a.cn", "b.cn")) < alone
    assert identity.together(0.1, domains=("a.cn", "a.cn")) > 0.9
    assert identity.together(0.1, domains=("", ""), numbers=("13812345678",)) > 0.9
    assert alone < identity.together(0.1, domains=("", ""), places=("x" * 10, "x" * 10)) < 0.9
    assert identity.together(0.0, domains=("a.cn", "a.cn")) < 0.01


def test_an_address_says_enough_or_nothing() -> None:
    assert identity.address("昆山市") == ""
    assert identity.address("江苏省昆山市 前进东路 １２３ 号") == identity.address("江苏省昆山市前进东路123号")
