"""Names of people in Latin letters."""

import pytest

from xiaoguan.lexicon.surnames import in_letters


@pytest.mark.parametrize(
    ("name", "letters"),
    [("陈思远", "chensiyuan"), ("曾国藩", "zengguofan"), ("单雄信", "shanxiongxin"), ("尉迟恭", "yuchigong"), ("林知夏", "linzhixia"),
     ("吕梁", "lvliang"), ("李长春", "lichangchun"), ("Moses Frase", "Moses Frase"), ("王 A1", "wang A1"), ("", "")],
)  # fmt: skip
def test_names(name: str, letters: str) -> None:
    assert in_letters(name) == letters
