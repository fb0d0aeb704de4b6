"""Readings agree with pypinyin; typed letters find what they may stand for."""

import pytest
from hypothesis import given, strategies as st
from pypinyin import lazy_pinyin

from xiaoguan.lexicon import pinyin

NAMES = (
    "重庆长安汽车股份有限公司 中国工商银行 恒岑钢构（昆山）有限公司 厦门国贸 蚌埠玻璃设计院 乐山电力 朝阳区照明工程 长春一汽 "
    "昆山市绿地建设 浒墅关镇 单县建筑 曾国藩 音乐厅 行业协会 银行大厦 调研报告 空调 东莞松山湖 都江堰 成都 无锡宜兴 六安 "
    "台州路桥 会计师事务所 重新设计 重量 长度 成长 数据中心 大夫山 石家庄 宿迁 宿舍 女儿墙 吕梁 旅顺 略阳"
).split()


@pytest.mark.parametrize("name", NAMES)
def test_the_first_or_second_reading_is_pypinyins(name: str) -> None:
    expected = lazy_pinyin(name, errors=lambda text: [""] * len(text))
    for char, found, right in zip(name, pinyin.readings(name), expected, strict=True):
        assert right in found or (not right and not found), (char, found, right)


def test_most_readings_are_exactly_pypinyins() -> None:
    text = "".join(NAMES)
    agreed = [found[:1] == (right,) for found, right in zip(pinyin.readings(text), lazy_pinyin(text), strict=False)]
    assert len(agreed) > 100
    phrases = "银行 音乐 重庆 长度 成都 会计 蚌埠".split()
    assert [[each[0] for each in pinyin.readings(phrase)] for phrase in phrases] == [lazy_pinyin(p) for p in phrases]


@given(st.text(max_size=30))
def test_one_entry_per_character(text: str) -> None:
    assert len(pinyin.readings(text)) == len(text)


def test_surnames_have_both_readings() -> None:
    assert "zeng" in pinyin.readings("曾")[0]
    assert "shan" in pinyin.readings("单雄")[0]
    assert pinyin.readings("A1 ") == [(), (), ()]


@pytest.mark.parametrize(
    ("first", "second"), [("zhang", "zan"), ("cheng", "cen"), ("shi", "si"), ("ling", "lin"), ("lv", "lu")]
)
def test_what_many_speakers_do_not_tell_apart_meets(first: str, second: str) -> None:
    assert pinyin.fold(first) == pinyin.fold(second)


@pytest.mark.parametrize("syllable", sorted(pinyin.syllables()))
def test_every_variant_folds_to_the_same(syllable: str) -> None:
    assert {pinyin.fold(each) for each in pinyin.variants(syllable)} == {pinyin.fold(syllable)}
    assert pinyin.variants(syllable)[0] == syllable


@pytest.mark.parametrize(
    ("letters", "meant"),
    [
        ("hengcen", ("hen", "cen")),
        ("hcgg", ("h", "c", "g", "g")),
        ("xian", ("xi", "an")),
        ("xian", ("xian",)),
        ("hengc", ("hen", "c")),
        ("hengce", ("hen", "ce")),
        ("zhs", ("z", "s")),
        ("kunsh", ("kun", "s")),
        ("z", ("z",)),
    ],
)
def test_letters_are_split_as_people_type(letters: str, meant: tuple[str, ...]) -> None:
    assert meant in pinyin.spellings(letters)


def test_letters_that_begin_no_syllable_mean_nothing() -> None:
    assert pinyin.spellings("iphone") == ()
    assert pinyin.spellings("") == ((),)


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=40))
def test_splitting_ends_whatever_is_typed(letters: str) -> None:
    for meant in pinyin.spellings(letters):
        assert len("".join(meant)) <= len(letters)
