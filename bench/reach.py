"""The probability of reaching a target for many sellers at once, and how far it is from plain dynamic programming.

Deals are spread over owners as in life: most have a handful, some have hundreds. ``--json`` ends the output with one
object; times are seconds, medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import numpy as np
import numpy.typing as npt

from xiaoguan.calc.chance import reach_probabilities
from xiaoguan.calc.landing import Chances, fresh_rate, landings
from xiaoguan.calc.money import RATE_ONE

Integers = npt.NDArray[np.int64]


def programmed(need: int, amounts: Integers, chances: npt.NDArray[np.float64]) -> float:
    """Return P(sum ≥ need) by dynamic programming with one cell per unit."""
    below = np.zeros(need)
    below[0] = 1.0
    for amount, chance in zip(amounts.tolist(), chances.tolist(), strict=True):
        moved = below[: max(need - amount, 0)] * chance
        below *= 1 - chance
        below[need - len(moved) :] += moved
    return float(1 - below.sum())


def whole_landing(owners: Integers, amounts: Integers, rates: Integers, rounds: int) -> float:
    """Median seconds of the landing (range and probability) of the company, of a hundred teams and of a team's ten
    people.

    Every tenth deal stands for business that may still come.
    """
    fresh = np.arange(len(owners)) % 10 == 0
    times = []
    for _round in range(rounds):
        start = time.perf_counter()
        for places, count in ((np.zeros_like(owners), 1), (owners % 100, 100), (owners, 10)):
            inside = places < count
            parts = [
                Chances.of(
                    places[rows], amounts[rows], np.full(int(rows.sum()), fresh_rate(12)) if new else rates[rows]
                )
                for rows, new in ((inside & ~fresh, False), (inside & fresh, True))
            ]
            landings([0] * count, [int(amounts.sum() // count // 2)] * count, *parts)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--owners", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--compare", type=int, default=300, help="owners whose result is computed a second way")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    random = np.random.default_rng(20261118)
    popularity = np.minimum(random.pareto(1.16, options.owners), 60)
    owners = random.choice(options.owners, options.deals, p=popularity / popularity.sum())
    amounts = np.minimum(random.lognormal(4.5, 1.1, options.deals).astype(np.int64) + 1, 5_000)
    rates = random.integers(5_000, 95_000, options.deals)
    expected = np.bincount(owners, amounts * rates / RATE_ONE, options.owners)
    needs = np.maximum((expected * random.uniform(0.5, 1.4, options.owners)).astype(np.int64), 1)
    wan = 1_000_000

    found = reach_probabilities(needs * wan, owners, amounts * wan, rates)
    times, cpu = [], []
    for _ in range(options.rounds):
        start, used = time.perf_counter(), time.process_time()
        reach_probabilities(needs * wan, owners, amounts * wan, rates)
        times.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    counts = np.bincount(owners, minlength=options.owners)
    errors = {}
    compared = random.choice(np.flatnonzero(counts), min(options.compare, int((counts > 0).sum())), replace=False)
    for owner in (*compared.tolist(), int(counts.argmax())):
        own = owners == owner
        errors[owner] = abs(programmed(int(needs[owner]), amounts[own], rates[own] / RATE_ONE) - float(found[owner]))
    result = {
        "deals": options.deals,
        "owners_with_deals": int((counts > 0).sum()),
        "most_deals": int(counts.max()),
        "seconds": round(statistics.median(times), 4),
        "cpu_seconds": round(statistics.median(cpu), 4),
        "landing_seconds": round(whole_landing(owners, amounts * wan, rates, options.rounds), 4),
        "compared": len(errors),
        "largest_error": round(max(errors.values()), 6),
        "mean_error": round(statistics.mean(errors.values()), 8),
    }
    for name, value in result.items():
        print(f"{name:24}{value:>14,}")
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
