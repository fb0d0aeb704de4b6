"""The win probability of an open deal, learnt from the closed deals of the same company.

Whatever a company knows of a deal at a moment is a column: words (seller, product, kind of customer, source) or numbers
(amount, days in the stage, times pushed). Every word, every band of a number and, where the data show it, every pair of
them moves the log odds up or down; how far is learnt by ``effects``: with little history hardly, with none not at all.
Then the probability is the known one (that of the stage) and nothing else. What was learnt is set right on deals that
it was not learnt from (``calibration``), so that of deals with 30 % about 30 of 100 are won.

Numbers are cut into 3, 9 and 27 bands of equal counts, coarse and fine ones at once, beside a slope over their rank: a
jump, a curve and a straight line are all cheap to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from xiaoguan.calc import calibration
from xiaoguan.calc.effects import Cases, Effects, Floats, Integers, chances, learn as learn_effects
from xiaoguan.calc.money import RATE_ONE

Values: TypeAlias = "Sequence[str | None] | Sequence[float | int | None]"
Columns: TypeAlias = "Mapping[str, Values]"
Rows: TypeAlias = npt.NDArray[np.bool_]

BANDS = (3, 9, 27)
LEVELS = 150
"""So many words of a column are told apart, the most frequent first; the others have no effect of their own."""
COARSE_WORDS, COARSE_BANDS = 20, 6
PAIRS = 6
"""So many pairs of columns at most get effects of their own."""
STRIKING = 3.0
"""How many standard deviations a pair must tell beyond its two columns to be looked at."""
PAIRED_FROM = 200
"""From so many deals on pairs are looked at."""
FOLDS = 5
FIRST_PART = 0.4
"""In order of time so much lies before the first deals that are told."""
STRAIGHTENED_FROM = 40
"""From so many deals on, with five of either outcome, what was learnt is tried on deals left out and set right."""
LEAST_RATE = 500
"""No open deal is surer than 99.5 %, or less likely than 0.5 %."""


@dataclass(frozen=True)
class Words:
    """A column of words: which levels are told apart. A missing word is a level like any other."""

    name: str
    levels: tuple[str, ...]

    def factors(self, values: Values) -> list[tuple[Integers, int]]:
        """The level of each value: one factor."""
        return [(self._places(values, self.levels), len(self.levels))]

    def coarse(self, values: Values) -> tuple[Integers, int]:
        """The same with fewer levels, for pairs."""
        few = self.levels[:COARSE_WORDS]
        return self._places(values, few), len(few)

    def slope(self, values: Values) -> Floats | None:
        """Words have no order."""
        return None

    @staticmethod
    def _places(values: Values, levels: Sequence[str]) -> Integers:
        known = {word: place for place, word in enumerate(levels)}
        return np.array([known.get(_word(value), len(levels)) for value in values], np.int64)


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: where its bands end, coarse to fine, and its quantiles for the slope."""

    name: str
    cuts: tuple[tuple[float, ...], ...]
    coarse_cuts: tuple[float, ...]
    knots: tuple[float, ...]

    def factors(self, values: Values) -> list[tuple[Integers, int]]:
        """The band of each value, one factor per fineness; the coarsest has a level for what is missing."""
        numbers = _numbers(values)
        return [self._bands(numbers, cuts, not place) for place, cuts in enumerate(self.cuts)]

    def coarse(self, values: Values) -> tuple[Integers, int]:
        """The bands used in pairs."""
        return self._bands(_numbers(values), self.coarse_cuts, True)

    def slope(self, values: Values) -> Floats | None:
        """Where each value stands among those learnt from, −1 … 1; 0 where it is missing."""
        if len(self.knots) < 2:
            return None
        numbers = _numbers(values)
        ranks = np.interp(numbers, self.knots, np.linspace(-1.0, 1.0, len(self.knots)))
        return np.asarray(np.where(np.isnan(numbers), 0.0, ranks), np.float64)

    @staticmethod
    def _bands(numbers: Floats, cuts: Sequence[float], missing: bool) -> tuple[Integers, int]:
        size = len(cuts) + 1 + missing
        bands = np.searchsorted(np.asarray(cuts, np.float64), numbers, side="right").astype(np.int64)
        return np.where(np.isnan(numbers), len(cuts) + 1, bands), size


Coder: TypeAlias = "Words | Numbers"


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _numbers(values: Values) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


def _is_numeric(values: Values) -> bool:
    return any(value is not None for value in values) and all(
        value is None or (isinstance(value, int | float | np.number)) for value in values
    )


def _coder(name: str, values: Values) -> Coder | None:
    """How a column is read; None where it says the same of every deal."""
    if not _is_numeric(values):
        words, counts = np.unique(np.array([_word(value) for value in values], object), return_counts=True)
        order = np.argsort(-counts, kind="stable")[:LEVELS]
        return Words(name, tuple(str(words[place]) for place in order)) if len(words) > 1 else None
    numbers = _numbers(values)
    known = np.sort(numbers[~np.isnan(numbers)])
    if len(np.unique(numbers)) < 2:
        return None
    cuts: list[tuple[float, ...]] = []
    for bands in BANDS:
        found = _cuts(known, bands)
        if found and found not in cuts:
            cuts.append(found)
    knots = np.unique(np.quantile(known, np.linspace(0, 1, 33)))
    return Numbers(name, tuple(cuts) or ((),), _cuts(known, COARSE_BANDS), tuple(knots.tolist()))


def _cuts(known: Floats, bands: int) -> tuple[float, ...]:
    """Where bands of equal counts end; values that repeat are never torn apart."""
    found = np.unique(np.quantile(known, np.arange(1, bands) / bands, method="higher"))
    return tuple(value for value in found.tolist() if value > known[0])


@dataclass(frozen=True)
class Tried:
    """What was said of closed deals by what was learnt without them: probability, known rate, outcome, weight; (n,)."""

    said: Floats
    known: Floats
    won: Floats
    weights: Floats


@dataclass(frozen=True)
class Model:
    """What was learnt; ``deals`` is how many closed deals it was learnt from.

    ``coders`` read the columns, ``pairs`` names the places of two of them each; ``effects`` belong to the factors of
    the coders in order, then to the pairs.
    """

    coders: tuple[Coder, ...]
    pairs: tuple[tuple[int, int], ...]
    effects: Effects
    straight: calibration.Straightening
    deals: int

    def logits(self, columns: Columns, known: npt.ArrayLike) -> Floats:
        """The log odds of deals → (n,): ``known`` (n,) rates in 1/100,000 that hold where nothing is learnt."""
        prior = _prior(known)
        if not self.deals:
            return prior
        return self.straight.logits(self.effects.logits(_cases(self.coders, self.pairs, columns, prior, None)))

    def rates(self, columns: Columns, known: npt.ArrayLike) -> Integers:
        """The win probabilities of deals in 1/100,000 → int64 (n,); without history the known ones as they are."""
        rates = np.asarray(known, np.int64)
        if not self.deals:
            return rates
        said = np.rint(chances(self.logits(columns, known)) * RATE_ONE).astype(np.int64)
        return np.asarray(np.clip(said, LEAST_RATE, RATE_ONE - LEAST_RATE), np.int64)

    def moves(self, columns: Columns, count: int) -> list[dict[str, float]]:
        """By how much log odds each column moves each of ``count`` deals; pairs belong half to each column."""
        cases = _cases(self.coders, self.pairs, columns, np.zeros(count), None)
        moved = {coder.name: np.zeros(count) for coder in self.coders}
        for place, names in enumerate(_owners(self.coders, self.pairs)):
            effects = np.append(self.effects.levels[place], 0.0)[cases.codes[:, place]] * self.straight.stretch
            for name in names:
                moved[name] += effects / len(names)
        for place, coder in enumerate(_sloped(self.coders)):
            moved[coder.name] += cases.slopes[:, place] * self.effects.slopes[place] * self.straight.stretch
        return [{name: float(values[row]) for name, values in moved.items()} for row in range(count)]

    def as_json(self) -> dict[str, Any]:
        """Plain values to keep; `from_json` brings the same model back."""
        return {
            "coders": [
                {"name": coder.name, "levels": coder.levels}
                if isinstance(coder, Words)
                else {"name": coder.name, "cuts": coder.cuts, "coarse": coder.coarse_cuts, "knots": coder.knots}
                for coder in self.coders
            ],
            "pairs": self.pairs,
            "intercept": self.effects.intercept,
            "slopes": self.effects.slopes.tolist(),
            "levels": [effects.tolist() for effects in self.effects.levels],
            "variances": self.effects.variances.tolist(),
            "straight": [self.straight.shift, self.straight.stretch],
            "deals": self.deals,
        }


def from_json(kept: Mapping[str, Any]) -> Model:
    """The model of what `as_json` gave."""
    coders: list[Coder] = [
        Words(each["name"], tuple(each["levels"]))
        if "levels" in each
        else Numbers(each["name"], tuple(map(tuple, each["cuts"])), tuple(each["coarse"]), tuple(each["knots"]))
        for each in kept["coders"]
    ]
    levels = tuple(np.array(effects, np.float64) for effects in kept["levels"])
    slopes, variances = np.array(kept["slopes"], np.float64), np.array(kept["variances"], np.float64)
    effects = Effects(float(kept["intercept"]), slopes, levels, variances)
    pairs = tuple((int(one), int(other)) for one, other in kept["pairs"])
    return Model(tuple(coders), pairs, effects, calibration.Straightening(*kept["straight"]), int(kept["deals"]))


NOTHING = Model((), (), Effects(0.0, np.zeros(0), (), np.zeros(0)), calibration.Straightening(), 0)
"""What is known without any closed deal."""


def _prior(known: npt.ArrayLike) -> Floats:
    share = np.clip(np.asarray(known, np.float64) / RATE_ONE, 0.005, 0.995)
    return np.asarray(np.log(share / (1 - share)), np.float64)


def _sloped(coders: Sequence[Coder]) -> list[Numbers]:
    return [coder for coder in coders if isinstance(coder, Numbers) and len(coder.knots) > 1]


def _owners(coders: Sequence[Coder], pairs: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
    """Which columns each factor belongs to."""
    own = [(coder.name,) for coder in coders for _each in range(len(coder.cuts) if isinstance(coder, Numbers) else 1)]
    return [*own, *((coders[one].name, coders[other].name) for one, other in pairs)]


def _cases(
    coders: Sequence[Coder], pairs: Sequence[tuple[int, int]], columns: Columns, prior: Floats, weights: Floats | None
) -> Cases:
    """Columns as cases of the effects; a column that is not given says nothing."""
    count = len(prior)
    empty: list[None] = [None] * count
    given = [columns.get(coder.name, empty) for coder in coders]
    factors = [factor for coder, values in zip(coders, given, strict=True) for factor in coder.factors(values)]
    rough = {place: coders[place].coarse(given[place]) for place in {place for pair in pairs for place in pair}}
    factors += [_crossed(rough[one], rough[other]) for one, other in pairs]
    slopes = [slope for coder, values in zip(coders, given, strict=True) if (slope := coder.slope(values)) is not None]
    return Cases(
        np.column_stack([codes for codes, _size in factors]) if factors else np.zeros((count, 0), np.int64),
        tuple(size for _codes, size in factors),
        np.column_stack(slopes) if slopes else np.zeros((count, 0)),
        prior,
        np.ones(count) if weights is None else weights,
    )


def _crossed(one: tuple[Integers, int], other: tuple[Integers, int]) -> tuple[Integers, int]:
    """Two factors as one of all their pairs; unknown where either is."""
    (codes, size), (others, wide) = one, other
    known = (codes < size) & (others < wide)
    return np.where(known, codes * wide + others, size * wide), size * wide


def _pairs(
    coders: Sequence[Coder], columns: Columns, cases: Cases, won: Floats, effects: Effects
) -> list[tuple[int, int]]:
    """The pairs of columns that tell most beyond what each tells alone: a score test on what is left unexplained."""
    p = chances(effects.logits(cases))
    left, spread = cases.weights * (won - p), cases.weights * p * (1 - p)
    rough = [coder.coarse(columns[coder.name]) for coder in coders]
    found = []
    for one, other in combinations(range(len(coders)), 2):
        codes, size = _crossed(rough[one], rough[other])
        cells = np.bincount(codes, spread, size + 1)[:size]
        sums = np.bincount(codes, left, size + 1)[:size]
        filled = cells > 0
        freedom = int(filled.sum()) - rough[one][1] - rough[other][1] + 1
        if freedom > 0:
            score = float((sums[filled] ** 2 / cells[filled]).sum())
            found.append(((score - freedom) / float(np.sqrt(2 * freedom)), one, other))
    found.sort(key=lambda each: (-each[0], each[1:]))
    return [(one, other) for striking, one, other in found[:PAIRS] if striking > STRIKING]


def learn(
    columns: Columns,
    won: npt.ArrayLike,
    known: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    deals: Sequence[Any] | None = None,
    when: Sequence[Any] | None = None,
) -> tuple[Model, Tried]:
    """Learn from closed deals, and tell how it fares on deals that it was not learnt from.

    ``columns``: name → n values, words or numbers, None where missing. ``won`` (n,): 0 or 1. ``known`` (n,): the rate
    in 1/100,000 that holds without history (the stage's). One deal may be seen at several moments: ``weights`` (n,)
    says how much each counts, ``deals`` (n,) which deal it is of, so that none is judged by itself. With ``when`` (n,),
    the closing day of each one's deal, what is left out is told from what closed before it, as in life.
    """
    outcomes, prior = np.asarray(won, np.float64), _prior(known)
    heavy = np.ones(len(outcomes)) if weights is None else np.asarray(weights, np.float64)
    whose = np.unique(np.asarray(deals if deals is not None else np.arange(len(outcomes))), return_inverse=True)[1]
    count = int(whose.max()) + 1 if len(whose) else 0
    if not count:
        return NOTHING, Tried(*(np.zeros(0),) * 4)
    coders = [coder for name, values in columns.items() if (coder := _coder(name, values)) is not None]
    pairs: list[tuple[int, int]] = []
    cases = _cases(coders, pairs, columns, prior, heavy)
    effects = learn_effects(cases, outcomes)
    if count >= PAIRED_FROM and (pairs := _pairs(coders, columns, cases, outcomes, effects)):
        cases = _cases(coders, pairs, columns, prior, heavy)
        effects = learn_effects(cases, outcomes)
    rare = min(float(heavy @ outcomes), float(heavy @ (1 - outcomes)))
    if count < STRAIGHTENED_FROM or rare < FOLDS:
        tried = Tried(*(np.zeros(0),) * 4)
        return Model(tuple(coders), tuple(pairs), effects, calibration.Straightening(), count), tried
    folds = _in_order(when) if when is not None else _at_random(whose, count)
    logits = _left_out(cases, outcomes, folds, effects)
    told = ~np.isnan(logits)
    straight = calibration.straighten(logits[told], outcomes[told], heavy[told])
    tried = Tried(chances(straight.logits(logits[told])), chances(prior[told]), outcomes[told], heavy[told])
    return Model(tuple(coders), tuple(pairs), effects, straight, count), tried


def _at_random(whose: Integers, count: int) -> list[tuple[Rows, Rows]]:
    """Five folds of deals: the rows to learn from and the rows to tell."""
    fold = np.random.default_rng(count).permutation(count)[whose] % FOLDS
    return [(fold != place, fold == place) for place in range(FOLDS)]


def _in_order(when: Sequence[Any]) -> list[tuple[Rows, Rows]]:
    """What lies before learnt from, what follows told, in five steps over the later part."""
    place = np.unique(np.array(when), return_inverse=True)[1]
    order = np.sort(place)
    places = np.minimum((np.linspace(FIRST_PART, 1, FOLDS + 1) * len(order)).astype(np.int64), len(order) - 1)
    bounds = order[places].tolist()
    steps = [(low, high if high < bounds[-1] else int(order[-1]) + 1) for low, high in pairwise(bounds)]
    folds = [(place < low, (place >= low) & (place < high)) for low, high in steps]
    return [(learnt, told) for learnt, told in folds if learnt.any() and told.any()]


def _left_out(cases: Cases, won: Floats, folds: Sequence[tuple[Rows, Rows]], effects: Effects) -> Floats:
    """The log odds of every row told in a fold, under the variances of the whole; NaN where it is told in none."""
    loud = [place for place in range(len(cases.sizes)) if effects.variances[place] > 0]
    kept = cases.kept(loud)
    variances = np.concatenate((effects.variances[loud], effects.variances[len(cases.sizes) :]))
    logits = np.full(len(won), np.nan)
    for learnt, told in folds:
        logits[told] = learn_effects(kept.part(learnt), won[learnt], variances=variances).logits(kept.part(told))
    return logits
