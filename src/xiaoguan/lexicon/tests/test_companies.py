"""Company names: keys, cores, regions."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from xiaoguan.lexicon.companies import core, match_key, plain
from xiaoguan.lexicon.places import is_region, province_of, provinces, without_region

names = st.text(alphabet="恒岑钢构昆山市江苏省有限公司股份集团（）() aB.1", max_size=16)


@pytest.mark.parametrize(
    ("one", "other"),
    [("GTXPro", "GTX Pro"), ("  CANCITY ", "Cancity"), ("恒岑鋼構", "恒岑钢构"), ("万  科Ａ", "万科A"), ("Ron-tech", "RonTech"),
     ("股　份有限公司", "股份有限公司"), ("（昆山）", "(昆山)"), ("O'Neil", "O’Neil")],
)  # fmt: skip
def test_spellings_meet(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


def test_different_names_stay_apart() -> None:
    assert match_key("GTX Pro") != match_key("GTX Plus Pro")
    assert match_key("恒岑钢构") != match_key("恒岑钢结构")
    assert match_key(" -- ") == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("恒岑钢构（昆山）有限公司", "恒岑钢构"), ("恒岑鋼構（崑山）有限公司", "恒岑钢构"), ("昆山恒岑钢构有限公司", "恒岑钢构"), ("江苏省苏州市禾澜设计院", "禾澜设计院"),
        ("深圳市　康冠科技 股份有限公司", "康冠科技"), ("某某（集团）股份有限公司", "某某"), ("仁东控股股份有限公司", "仁东"), ("仁东控股", "仁东"),
        ("天津市中国铁路物资股份有限公司", "铁路物资"), ("桂林旅游股份有限公司", "桂林旅游"), ("佛山电器照明股份有限公司", "佛山电器照明"), ("中国银行股份有限公司", "中国银行"),
        ("无锡农村商业银行", "无锡农村商业银行"), ("上海浦东发展银行股份有限公司北京分公司", "浦东发展银行股份有限公司北京分公司"), ("中山华帝燃具", "中山华帝燃具"),
        ("中山市华帝燃具", "华帝燃具"), ("朝阳区照明", "朝阳区照明"), ("恒岑（二期）有限公司", "恒岑二期"), ("Acme Co., Ltd.", "acme"), ("ACME CORPORATION", "acme"),
        ("Barnes and Noble, Inc.", "barnesandnoble"), ("Siemens AG", "siemens"), ("Müller GmbH & Co. KG", "müller"), ("Johnson & Johnson", "johnsonjohnson"),
        ("Cisco Systems", "ciscosystems"), ("北京", "北京"), ("有限公司", "有限"), ("Company", "company"), ("Ltd.", "ltd"), ("...", ""),
    ],
)  # fmt: skip
def test_cores(name: str, expected: str) -> None:
    assert core(name) == expected


@given(names)
def test_a_name_has_a_core_and_its_key_has_the_same(name: str) -> None:
    found = core(name)
    assert bool(found) == bool(match_key(name))
    assert found == match_key(found)


@given(st.text(max_size=30))
def test_any_text_has_one_plain_form(text: str) -> None:
    assert plain(plain(text)) == plain(text) or not text.isascii()
    assert match_key(f" {text}\u3000") == match_key(text)


def test_regions() -> None:
    assert without_region("江苏省苏州市昆山禾澜") == "禾澜"
    assert without_region("朝阳设计") == "朝阳设计"
    assert without_region("辽宁朝阳市设计") == "设计"
    assert without_region("禾澜") == "禾澜"
    assert (province_of("昆山"), province_of("苏州市"), province_of("江苏"), province_of("火星")) == (
        "江苏省",
        "江苏省",
        "江苏省",
        "",
    )
    assert province_of("海南") == "海南省"
    assert is_region("江苏省昆山市")
    assert is_region("中国")
    assert not is_region("昆山恒岑")
    assert len(provinces()) == 34


def test_every_prefecture_is_known(real_files: Path) -> None:
    with (real_files / "cn_regions" / "city_geo.csv").open(encoding="utf-8") as file:
        cities = {row["city"] for row in csv.DictReader(file) if row["city"].endswith("市")}
    assert [city for city in sorted(cities) if not province_of(city)] == []


def test_real_names_keep_apart(real_files: Path) -> None:
    """Of 1,488 listed companies only two share a core: two of the name 光华科技."""
    with (real_files / "cn_companies" / "szse_main_board.csv").open(encoding="utf-8") as file:
        cores = Counter(core(row["公司全称"]) for row in csv.DictReader(file))
    assert sum(cores.values()) == 1488
    assert [name for name, count in cores.items() if count > 1] == ["光华科技"]


def test_known_kinds_of_dirt_fall_off(real_files: Path) -> None:
    """Suffix, spaces, legal form and a moved city never matter; typing errors need the duplicate search."""
    with (real_files / "cn_dirty" / "messy_customers_truth.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    same = Counter(row["variant"] for row in rows if core(row["name_as_written"]) == core(row["true_full_name"]))
    total = Counter(row["variant"] for row in rows)
    for variant in ("original", "drop_suffix", "spaces", "co_ltd", "paren"):
        assert same[variant] == total[variant], variant
    assert same["city_prefix"] >= total["city_prefix"] - 1
