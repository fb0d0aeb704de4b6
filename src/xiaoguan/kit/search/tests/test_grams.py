"""Keys: whatever a person types of a text asks for keys that the text has."""

import string

import pytest
from hypothesis import given, strategies as st

from xiaoguan.kit.search import grams
from xiaoguan.lexicon import pinyin

NAMES = (
    "昆山恒岑钢构工程有限公司",
    "江苏省苏州市禾澜设计院",
    "重庆长安汽车股份有限公司",
    "单雄",
    "上海浦东发展银行股份有限公司",
    "Acme Corporation Ltd.",
    "GTX Pro",
    "深圳市TCL光电科技有限公司",
    "HT-2026-0012",
    "+86 138-1234-5678",
    "Straße Müller 2026",
)
HAN = "昆山恒岑钢构工程有限公司苏州禾澜设计院长重行乐单曾银大光明照亚太新华"
names = st.text(HAN, min_size=1, max_size=14)


def answers(typed: str, keys: set[str], *, loose: bool = False) -> bool:
    """Whether a record with these keys is a candidate for all typed words."""
    found = grams.words(typed)
    return bool(found) and all(any(way <= keys for way in (word.loose if loose else word.either)) for word in found)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_answers_to_itself_and_to_its_words(name: str) -> None:
    keys = grams.keys(name)
    assert answers(name, keys)
    for part in name.replace("-", " ").split():
        assert answers(part, keys), part


@given(names, st.data())
def test_any_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(begin + 1, len(name)))
    assert answers(name[begin:end], grams.keys(name))


@given(names, st.data())
def test_its_pinyin_from_any_character_finds_it(name: str, data: st.DataObject) -> None:
    """From two syllables on, whatever readings of its characters are typed; fuzzy spellings too."""
    spoken = pinyin.readings(name)
    start, end = grams.core_span(name)
    begin = data.draw(st.integers(0, max(0, end - 2)))
    stop = data.draw(st.integers(begin + 1, end))
    chosen = [
        data.draw(st.sampled_from(pinyin.variants(data.draw(st.sampled_from(each))))) for each in spoken[begin:stop]
    ]
    typed = "".join(chosen)
    if len(chosen) < 2 and begin not in (0, start):
        return
    if len(typed) > grams.LONGEST_WORD or tuple(map(pinyin.fold, chosen)) not in pinyin.spellings(typed):
        return
    assert answers(typed, grams.keys(name)), typed


@given(names, st.data())
def test_its_initials_from_any_character_find_it(name: str, data: st.DataObject) -> None:
    _start, end = grams.core_span(name)
    begin = data.draw(st.integers(0, max(0, end - 2)))
    spoken = pinyin.readings(name)[begin : min(end, begin + 8)]
    if len(spoken) < 2:
        return
    typed = "".join(data.draw(st.sampled_from(each))[0] for each in spoken)
    assert answers(typed, grams.keys(name)), typed


@given(st.text("0123456789", min_size=4, max_size=12), st.data())
def test_any_four_digits_of_a_number_find_it(number: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(number) - 4))
    end = data.draw(st.integers(begin + 4, len(number)))
    assert answers(number[begin:end], grams.keys(f"{number[:3]}-{number[3:]}"))


@given(st.text(string.ascii_lowercase, min_size=5, max_size=10), st.data())
def test_a_latin_word_with_one_slip_is_still_found(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    other = data.draw(st.sampled_from([char for char in string.ascii_lowercase if char != name[at]]))
    assert answers(name[:at] + other + name[at + 1 :], grams.keys(f"{name} works"), loose=True)


@pytest.mark.parametrize("typed", ["恒芩钢构", "恒岑刚购", "衡岑", "横岑钢沟"])
def test_other_characters_of_the_same_sound_find_it(typed: str) -> None:
    assert answers(typed, grams.keys("昆山恒岑钢构工程有限公司"), loose=True)


@pytest.mark.parametrize("typed", ["恒岑港", "岑恒", "gcq", "1381235", "zzz", "acmd"])
def test_other_texts_do_not_answer(typed: str) -> None:
    for name in NAMES:
        assert not answers(typed, grams.keys(name)), name


def test_width_case_script_and_marks_do_not_matter() -> None:
    keys = grams.keys("ＡＢＣ照明（昆山）")
    assert answers("abc", keys)
    assert answers("abc照明", keys)
    assert answers("恆岑鋼構", grams.keys("恒岑钢构"))
    assert answers("muller", grams.keys("Müller"))


def test_prose_is_found_by_words_alone() -> None:
    keys = grams.keys("客户希望下周三前看到方案", prose=True)
    assert answers("下周三", keys)
    assert not any(key[0] in "~+^" and not key[1:].isascii() for key in keys)
    assert len(keys) < 15


def test_what_every_company_has_narrows_nothing_unless_alone() -> None:
    assert grams.word("恒岑有限公司").wide == (frozenset({".恒岑", ".岑有"}),)
    assert grams.word("有限公司").wide == (frozenset({".有限", ".限公", ".公司"}),)


@given(st.text(max_size=80))
def test_keys_are_safe_inside_the_index_query(text: str) -> None:
    for key in grams.keys(text) | {key for word in grams.words(text) for way in word.either for key in way}:
        assert key[0] in ".^~+:#$"
        assert key[1:].isalnum() or not key[1:]
        assert '"' not in key


def test_flat_leads_back_to_the_original() -> None:
    whole = grams.flat(" ＡＢ-㈱ 恆")
    assert whole.text == "ab株恒"
    assert whole.origin == (1, 2, 4, 6)
    assert whole.starts == {0, 2, 3}
