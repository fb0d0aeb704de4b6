"""What a process remembers: only what a token proves, and figures beside the work a little longer."""

from __future__ import annotations

from itertools import count

import pytest

from xiaoguan.kit import memo


def test_an_answer_holds_while_its_token_does() -> None:
    numbers = count()
    assert [memo.remember("a", token, lambda: next(numbers)) for token in (1, 1, 2, 2, 1)] == [0, 0, 1, 1, 2]


def test_patience_lets_a_slow_answer_outlive_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(memo, "monotonic", lambda: clock[0])

    def slow() -> float:
        clock[0] += 2
        return clock[0]

    assert memo.remember("b", 1, slow, patience=10) == 102
    clock[0] += 19
    assert memo.remember("b", 2, slow, patience=10) == 102
    clock[0] += 2
    assert memo.remember("b", 2, slow, patience=10) == 125


def test_the_oldest_is_dropped_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "LIMIT", 2)
    numbers = count()
    for key in "xyxz":
        memo.remember(key, 1, lambda: next(numbers))
    assert memo.remember("x", 1, lambda: next(numbers)) == 0
    assert memo.remember("y", 1, lambda: next(numbers)) == 3
