"""Hollow sentences are known by what is left of them."""

from __future__ import annotations

import pytest

from xiaoguan.lexicon.vague import hollow_word


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "word"),
    [("努力提升业绩", "努力"), ("进一步加强销售工作", "加强"), ("Improve our sales results", "Improve"),
     ("We will try to do better this year", "try"), ("让苏州的五家设计院把我们的灯写进图纸", ""), ("提升苏州设计院的指定率", ""),
     ("Every institute in Suzhou specifies our lamps", ""), ("Increase the share of design institutes in Suzhou", ""), ("", "")],
)  # fmt: skip
def test_hollow_sentences(text: str, word: str) -> None:
    assert hollow_word(text) == word
