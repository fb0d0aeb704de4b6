"""Regions by code: any spelling is read, the table hangs together."""

from __future__ import annotations

import pytest

from xiaoguan.lexicon import regions

EVERY = [code for top in ("", *regions.children()) for code in regions.children(top)]
EVERY += [code for city in list(EVERY) if regions.level(city) == regions.CITY for code in regions.children(city)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("江苏", "苏州", "昆山"), "320583"),
        (("江苏省", "苏州市", "昆山市"), "320583"),
        (("", "昆山", ""), "320583"),
        (("", "江苏省 苏州市 昆山市", ""), "320583"),
        (("江蘇", "崑山", ""), "320583"),
        (("江苏", "苏州工业园区", ""), "320571"),
        (("", "苏州", "工业园区"), "320571"),
        (("北京", "北京市", "朝阳区"), "110105"),
        (("上海", "浦东新区", ""), "310115"),
        (("上海", "", ""), "310000"),
        (("", "长春", "朝阳"), "220104"),
        (("吉林", "吉林", ""), "220200"),
        (("", "吉林市", ""), "220200"),
        (("內蒙古", "錫林郭勒", ""), "152500"),
        (("湖北", "恩施", "利川"), "422802"),
        (("河南", "济源", ""), "419001"),
        (("陕西", "咸阳", "乾县"), "610424"),
        (("", "即墨市", ""), "370215"),
        (("重庆", "重庆", "渝北区"), "500157"),
    ],
)
def test_people_write_places_in_many_ways(said: tuple[str, str, str], code: str) -> None:
    assert regions.find(*said) == code


@pytest.mark.parametrize(
    ("said", "code", "unknown"),
    [
        (("江苏", "昆山", "玉山镇"), "320583", ("玉山镇",)),
        (("江苏", "杭州", ""), "320000", ("杭州",)),
        (("", "鼓楼区", ""), "", ("鼓楼区",)),
        (("Bavaria", "", ""), "", ("Bavaria",)),
        (("", "", ""), "", ()),
    ],
)
def test_what_is_no_known_place_is_told_and_never_guessed(
    said: tuple[str, str, str], code: str, unknown: tuple[str, ...]
) -> None:
    assert regions.read(*said) == (code, unknown)


def test_every_region_is_found_by_its_own_names() -> None:
    """Also without endings, but for county and city of one name inside one city: there the upper one is the answer."""
    assert len(EVERY) == len(set(EVERY)) > 3400
    assert [code for code in EVERY if regions.find(*regions.path(code)) != code] == []
    short = {code: regions.find(*map(regions.short, regions.path(code))) for code in EVERY}
    assert all(code == found or found in regions.parents(code) for code, found in short.items())
    assert sum(code != found for code, found in short.items()) < 15


def test_a_region_lies_in_others_and_holds_others() -> None:
    assert regions.parents("320583") == ("320000", "320500")
    assert regions.parents("419001") == ("410000",)
    assert "320583" in regions.children("320500") and "419001" in regions.children("410000")
    assert [regions.prefix(code) for code in ("320000", "320500", "320583", "")] == ["32", "3205", "320583", ""]
    assert len(regions.children()) == 34
    assert regions.name("320500") == "苏州市" and regions.name("999999") == ""


def test_a_region_has_a_centre_its_own_or_that_of_what_it_lies_in() -> None:
    latitude, longitude = regions.centre("320583") or (0, 0)
    assert 31 < latitude < 32 and 120 < longitude < 122
    assert regions.centre("320571") == regions.centre("320500")
    assert regions.centre("") is None
    without = [code for code in EVERY if regions.centre(code) is None]
    assert without == []
