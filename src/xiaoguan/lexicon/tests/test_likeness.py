"""Spoilt names are found among others, names of other companies are not."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from xiaoguan.lexicon import companies, duplicates, likeness
from xiaoguan.lexicon.duplicates import Company, Pair

REGISTERED = "苏州合晟照明有限公司"
OTHERS = [
    "上海明辉电子科技有限公司", "苏州恒岑钢结构有限公司", "昆山华阳照明有限公司", "深圳市禾澜建筑设计院有限公司", "无锡东方电缆股份有限公司",
    "宁波兆新新能源有限公司", "苏州新晨机械设备有限公司", "杭州友谊商业股份有限公司", "南京德力玻璃有限公司", "苏州金龙照明有限公司",
]  # fmt: skip


def between(one: str, other: str, world: list[str] | None = None) -> float:
    """The likeness of two names among those of a small company."""
    names = likeness.prepare([one, other, *(world or OTHERS)])
    return float(likeness.likeness(likeness.index(names), names, np.array([0]), names, np.array([1]))[0])


@pytest.mark.parametrize(
    "spoilt",
    [
        "苏州合晟照明", "苏州合晟照明股份有限公司", "合晟（苏州）照明有限公司", "合晟照明有限公司(苏州)", "江苏省苏州市合晟照明有限公司", "合晟照明有限公司",
        "蘇州合晟照明有限公司", " 苏州 合晟照明　有限公司", "苏州合盛照明有限公司", "苏州合照明有限公司", "苏州晟合照明有限公司", "苏州合晟照明有公司", "合晟照明",
    ],
)  # fmt: skip
def test_a_spoilt_name_is_its_companys(spoilt: str) -> None:
    assert between(spoilt, REGISTERED) > likeness.MAYBE


@pytest.mark.parametrize(
    "other",
    [
        "上海合晟照明有限公司",
        "苏州金龙照明有限公司",
        "昆山华阳照明有限公司",
        "苏州照明有限公司",
        "苏州合晟房地产开发有限公司",
        "Acme Ltd",
    ],
)
def test_another_companys_name_is_not(other: str) -> None:
    assert between(other, REGISTERED) < likeness.MAYBE


def test_what_is_written_alike_is_surely_the_same() -> None:
    for spelling in ("蘇州合晟照明有限公司", "苏州合晟照明", "合晟照明（苏州）有限公司"):
        assert between(spelling, REGISTERED) > likeness.SURE


names = st.lists(
    st.sampled_from([REGISTERED, *OTHERS]) | st.text("合晟照明苏州上海（）有限公司Acme &.,", max_size=14),
    min_size=2,
    max_size=8,
)


@settings(max_examples=60)
@given(names)
def test_likeness_has_no_direction_and_depends_on_nothing_else(written: list[str]) -> None:
    prepared = likeness.prepare(written)
    grams = likeness.index(prepared)
    left, right = np.triu_indices(len(written))
    there = likeness.likeness(grams, prepared, left, prepared, right)
    back = likeness.likeness(grams, prepared, right, prepared, left)
    assert there == pytest.approx(back)
    for at in range(len(written)):
        alone = likeness.prepare([written[at]])
        again = likeness.likeness(grams, alone, np.array([0]), prepared, np.array([0]))
        assert again == pytest.approx(
            likeness.likeness(grams, prepared, np.array([at]), prepared, np.array([0])), abs=1e-6
        )


@settings(max_examples=60)
@given(names)
def test_many_names_are_prepared_as_each_alone(written: list[str]) -> None:
    assert [each.core for each in companies.parts(written)] == [companies.core(name) for name in written]
    prepared = likeness.prepare(written)
    for at, name in enumerate(written):
        assert likeness.prepare([name]).of(0).tolist() == prepared.of(at).tolist()


def test_places_known_from_elsewhere_tell_companies_apart() -> None:
    written = ["合晟照明有限公司", REGISTERED]
    found = []
    for place in ("苏州", "哈尔滨"):
        prepared = likeness.prepare(written, [(place,), ()])
        found += likeness.likeness(likeness.index(prepared), prepared, np.array([0]), prepared, np.array([1])).tolist()
    assert found[0] > likeness.SURE > likeness.MAYBE > found[1]


def test_pairs_come_by_name_or_by_what_else_agrees() -> None:
    companies_ = [Company(REGISTERED, domain="hesheng.cn"), *(Company(name) for name in OTHERS)]
    companies_ += [
        Company("合晟照明"),
        Company("HS Lighting", domain="hesheng.cn"),
        Company("明辉", code="A"),
        Company("明辉科技", code="B"),
    ]
    found = {(pair.first, pair.second) for pair in duplicates.pairs(companies_)}
    assert (0, 11) in found
    assert (13, 14) not in found
    assert not {pair for pair in found if pair[0] < 11 and pair[1] < 11}


def test_an_equal_credit_code_is_the_same_company_whatever_its_name() -> None:
    found = duplicates.pairs(
        [Company("恒岑", code="91350100M000100Y43"), Company("Hengcen Steel", code="91350100M000100Y43")]
    )
    assert [(pair.first, pair.second, pair.likeness) for pair in found] == [(0, 1, 1.0)]


def test_no_names_are_no_trouble() -> None:
    assert duplicates.pairs([]) == []
    assert duplicates.pairs([Company("恒岑")]) == []
    assert len(likeness.prepare([])) == 0


def test_groups_are_chains_of_sure_pairs_and_what_is_less_sure_stays_a_pair() -> None:
    pairs = [Pair(0, 3, 0.99), Pair(3, 5, 0.95), Pair(7, 8, 0.92), Pair(0, 5, 0.3), Pair(5, 7, 0.4), Pair(8, 9, 0.25)]
    assert duplicates.groups(pairs) == [[0, 3, 5], [7, 8], [5, 7], [8, 9]]
