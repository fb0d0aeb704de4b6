"""Win probabilities learnt from closed deals, and what tells how good they are."""

import json
from itertools import product

import numpy as np
from hypothesis import given, settings, strategies as st

from xiaoguan.calc import calibration, winprob
from xiaoguan.calc.effects import chances
from xiaoguan.calc.money import RATE_ONE

SELLERS = ["Chen", "Zhou", "Shen", "Du", None]
words = st.sampled_from(SELLERS)
numbers = st.one_of(st.none(), st.integers(-5, 10**9))
histories = st.lists(st.tuples(words, numbers, st.booleans()), max_size=60)


def columns_of(deals: list[tuple[str | None, int | None, bool]]) -> dict[str, list]:
    return {"owner": [deal[0] for deal in deals], "amount": [deal[1] for deal in deals]}


def made(count: int, seed: int) -> tuple[dict[str, list], np.ndarray, np.ndarray]:
    """Deals whose true probability is known: by seller, by amount, and by kind and source together."""
    random = np.random.default_rng(seed)
    owner, amount = random.integers(0, 12, count), random.lognormal(12, 1, count)
    kind, source = random.integers(0, 3, count), random.integers(0, 4, count)
    logits = np.linspace(-1, 1, 12)[owner] - 0.7 * (np.log(amount) - 12) + 0.9 * ((kind == 1) & (source == 2)) - 0.4
    truth = chances(logits)
    columns = {
        "owner": [f"P{each}" for each in owner],
        "amount": [int(each) for each in amount],
        "kind": [f"K{each}" for each in kind],
        "source": [f"S{each}" for each in source],
        "noise": [f"N{each}" for each in random.integers(0, 30, count)],
    }
    return columns, (random.random(count) < truth).astype(float), truth


@settings(max_examples=25, deadline=None)
@given(histories, st.lists(st.tuples(st.sampled_from([*SELLERS, "new"]), numbers), min_size=1, max_size=5))
def test_a_probability_is_one_and_one_deal_moves_it_little(
    deals: list[tuple[str | None, int | None, bool]], asked: list[tuple[str | None, int | None]]
) -> None:
    columns = {"owner": [each[0] for each in asked], "amount": [each[1] for each in asked]}
    known = np.full(len(asked), 40_000)

    def learnt(history: list[tuple[str | None, int | None, bool]]) -> np.ndarray:
        model, _tried = winprob.learn(columns_of(history), [won for *_rest, won in history], [40_000] * len(history))
        return model.rates(columns, known)

    before, after = learnt(deals), learnt([*deals, ("Chen", 1_000, True)])
    if not deals:
        assert before.tolist() == known.tolist()
    for rates in (before, after):
        assert ((rates > 0) & (rates < RATE_ONE)).all()
    if len(deals) >= 20:
        assert np.abs(before - after).max() <= 20_000
    elif not deals:
        assert np.abs(before - after).max() <= 15_000


def test_what_is_learnt_comes_near_the_truth_and_is_calibrated() -> None:
    columns, won, _truth = made(2_500, 1)
    model, tried = winprob.learn(columns, won, np.full(len(won), 50_000))
    fresh, came, truth = made(5_000, 2)
    said = model.rates(fresh, np.full(len(came), 50_000)) / RATE_ONE
    assert calibration.brier(said, came) < calibration.brier(truth, came) + 0.008
    assert calibration.auc(said, came) > calibration.auc(truth, came) - 0.02
    bins = [each for each in calibration.reliability(said, came) if each.count > 100]
    assert all(abs(each.said - each.came) < 0.06 for each in bins)
    # What it says of itself, on deals left out, is what strangers find.
    assert abs(calibration.brier(tried.said, tried.won) - calibration.brier(said, came)) < 0.015
    assert max(abs(each["noise"]) for each in model.moves(fresh, len(came))) < 0.3
    kept = winprob.from_json(json.loads(json.dumps(model.as_json())))
    assert kept.rates(fresh, np.full(len(came), 50_000)).tolist() == (said * RATE_ONE).round().astype(int).tolist()


def test_where_nothing_tells_anything_everybody_gets_the_same() -> None:
    random = np.random.default_rng(5)
    columns = {"owner": [f"P{each}" for each in random.integers(0, 30, 1_500)], "amount": random.random(1_500).tolist()}
    won = (random.random(1_500) < 0.35).astype(float)
    model, _tried = winprob.learn(columns, won, np.full(1_500, 35_000))
    said = model.rates(columns, np.full(1_500, 35_000)) / RATE_ONE
    assert said.std() < 0.03 and abs(said.mean() - won.mean()) < 0.01


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(-6, 6), st.booleans()), min_size=1, max_size=80))
def test_setting_right_keeps_the_order(cases: list[tuple[float, bool]]) -> None:
    straight = calibration.straighten([logit for logit, _won in cases], [won for _logit, won in cases])
    assert straight.stretch > 0
    ordered = straight.logits(sorted(logit for logit, _won in cases))
    assert (np.diff(ordered) >= 0).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.25, 0.5, 0.9]), st.booleans()), min_size=2, max_size=30))
def test_ranking_is_counted_pair_by_pair(cases: list[tuple[float, bool]]) -> None:
    wins = [p for p, won in cases if won]
    losses = [p for p, won in cases if not won]
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in product(wins, losses)]
    expected = sum(pairs) / len(pairs) if pairs else 0.5
    assert abs(calibration.auc([p for p, _ in cases], [won for _, won in cases]) - expected) < 1e-9
