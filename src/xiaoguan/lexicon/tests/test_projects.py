"""Names of construction projects: which mean one site, which only sound like it."""

import pytest
from hypothesis import given, strategies as st

from xiaoguan.lexicon import projects
from xiaoguan.lexicon.projects import MAYBE, SURE, Site, likeness, read, together

pytestmark = pytest.mark.once
NAMES = st.text("苏州恒岑智造园厂房一二三期A区3#号楼（）新建工程", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("苏州工业园区恒岑智造园厂房（一期）新建工程", "恒岑智造园一期厂房"),
        ("澜启生物医药产业园A区3号楼", "瀾啟生物醫藥產業園 A区3#楼照明工程"),
        ("昆山启昉物流园二期", "启昉物流园第二期仓库建设项目"),
        ("启昉物流园三号楼", "启昉物流园3栋"),
    ],
)
def test_spellings_of_one_project_meet(one: str, other: str) -> None:
    assert likeness(read(one), read(other)) >= SURE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("恒岑智造园一期", "恒岑智造园二期"),
        ("澜启产业园A区", "澜启产业园B区"),
        ("昆山启昉物流园仓库", "昆山禾澜物流园仓库"),
        ("云栖体育中心", "云栖文体中心"),
    ],
)
def test_other_projects_stay_apart(one: str, other: str) -> None:
    assert likeness(read(one), read(other)) < MAYBE


def test_place_and_owner_decide_doubtful_names() -> None:
    here, there = Site("江苏省", "苏州市", frozenset({"恒岑"})), Site("浙江省", "杭州市")
    assert together(1.0, here, there) == 0
    assert together(0.7, here, Site("江苏省", "苏州市", frozenset({"恒岑"}))) >= SURE
    assert together(0.9, here, Site("江苏省", "苏州市", frozenset({"禾澜"}))) < SURE


@given(NAMES, NAMES)
def test_likeness_is_symmetric_and_a_share(one: str, other: str) -> None:
    left, right = read(one), read(other)
    assert left.core
    assert projects.grams(left.core)
    assert 0 <= likeness(left, right) == likeness(right, left) <= 1
    assert likeness(left, left) == pytest.approx(1)
