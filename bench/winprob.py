"""Back-tests win probabilities on any CSV of closed deals, beside the stage's average and plain gradient boosting.

    bench/winprob.py CSV --outcome COLUMN --won VALUE [--time COLUMN] [--stage COLUMN] [--columns A,B] [--json]

Deals that have no outcome yet are left out: an empty outcome, or, where the outcome has more than two values, those
that read like «open» (`--lost` names the values of lost deals instead). With `--time` deals are put in order and every
part is told from what lies before it; otherwise in five random folds. All three methods see the same rows and columns.

Columns are chosen so that nothing is told that nobody could know while a deal is open. Left out, and named in the
output: what names a row (almost every value is another one); what is only known at the end (a name like «close date»,
«won on», «loss reason», «actual amount», 关闭日期, 输单原因); whatever gives the outcome away all by itself (a column
that alone tells won from lost in more than 97 of 100 pairs, or is empty for one of the two). `--columns` names the
columns instead, and none of them is left out. A date becomes a day number, a month and a weekday. Numbers may carry
thousands commas, a currency sign, a per cent sign, 万.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from boosting import Boosted

from xiaoguan.calc import calibration, winprob
from xiaoguan.calc.money import RATE_ONE
from xiaoguan.tables.profile import date_order
from xiaoguan.tables.sheet import cell_text
from xiaoguan.tables.source import open_path

MISSING = {"", "-", "--", "—", "/", "n/a", "na", "nan", "none", "null", "select", "#n/a", "无", "暂无", "未知"}
AT_THE_END = re.compile(
    r"(?i)clos(e|ed|ing)(?!r)|(^|[\W_])(won|lost|win|loss)([\W_]|$)|\bactual|outcome|(^|[\W_])result|(^|[\W_])end(ed)?([\W_]|$)"
    r"|sign(ed)?[\W_]?(on|date|at)\b|churn|convert|days[\W_]?to|cycle|duration"
    r"|关闭|结束|成交|签约日|签单日|签约金额|赢单|输单|丢单|失败|结果|原因|实际|周期"
)
STAGE = re.compile(r"(?i)stage|阶段|\bstep\b")
OPEN = re.compile(
    r"(?i)open|progress|engag|prospect|negotia|qualif|propos|pending|active|new\b|跟进|进行|初步|接触|意向|谈判|洽谈"
)
NUMBER = re.compile(r"^[¥￥$€£]?\s*[-−(]?\s*[¥￥$€£]?[\d,，]*\.?\d+(e[-+]?\d+)?\)?\s*(%|万|元|k)?$", re.IGNORECASE)
DATE = re.compile(r"^(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?(?:[ T]\d.*)?$")
ALONE = 0.97
NAMING = 0.9
FOLDS = 5
FIRST_PART = 0.4
"""In order of time so much lies before the first part that is told."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass
class Deals:
    """Closed deals: columns by name, outcomes (n,), the stage of each, the order of time or none, what was left out."""

    columns: dict[str, list[Any]]
    won: Floats
    stages: list[str]
    when: list[Any] | None
    left_out: dict[str, str]


def read(path: Path) -> dict[str, list[str | None]]:
    """The columns of a file, texts; None where nothing is written."""
    rows = [[cell_text(cell).strip() for cell in row.cells] for row in open_path(path).sheets[0].rows()]
    rows = [row for row in rows if any(row)]
    head = [name or f"column {place + 1}" for place, name in enumerate(rows[0])]
    found: dict[str, list[str | None]] = {}
    for place, name in enumerate(head):
        texts = [row[place] if place < len(row) else "" for row in rows[1:]]
        found[name if name not in found else f"{name} {place + 1}"] = [
            None if text.lower() in MISSING else text for text in texts
        ]
    return found


def typed(name: str, texts: Sequence[str | None]) -> dict[str, list[Any]]:
    """A column as what it holds: numbers, words, or the three numbers of a date."""
    known = [text for text in texts if text is not None]
    if known and all(NUMBER.match(text) for text in known):
        return {name: [None if text is None else number(text) for text in texts]}
    if known and sum(bool(DATE.match(text)) for text in known) >= 0.95 * len(known):
        days = dates(texts)
        return {
            f"{name} (day)": [None if day is None else float(day.toordinal()) for day in days],
            f"{name} (month)": [None if day is None else float(day.month) for day in days],
            f"{name} (weekday)": [None if day is None else f"{day.isoweekday()}" for day in days],
        }
    return {name: list(texts)}


def number(text: str) -> float:
    """A written number."""
    digits = re.sub(r"[^\d.eE+-]", "", text.replace("−", "-").rstrip("%万元kK"))
    value = float(digits) * (-1 if text.startswith("(") else 1)
    return value * (10_000 if text.endswith("万") else 1_000 if text[-1] in "kK" else 1)


def dates(texts: Sequence[str | None]) -> list[date | None]:
    """Written dates; the order of day, month and year is that of the whole column."""
    order = date_order(text for text in texts if text is not None)
    found: list[date | None] = []
    for text in texts:
        parts = DATE.match(text) if text else None
        if parts is None:
            found.append(None)
            continue
        given = [int(part) for part in parts.groups()]
        named = dict(zip("ymd" if len(parts[1]) == 4 or order is None else order.order, given, strict=True))
        year = named["y"] + (2000 if named["y"] < 70 else 1900 if named["y"] < 100 else 0)
        try:
            found.append(date(year, named["m"], named["d"]))
        except ValueError:
            found.append(None)
    return found


def closed(texts: Sequence[str | None], won: str, lost: Sequence[str]) -> list[bool | None]:
    """Won, lost, or None for what is still open."""
    values = Counter(text for text in texts if text is not None)
    if won not in values:
        raise SystemExit(f"no row has {won}; there are {', '.join(values)}")
    others = [value for value in values if value != won]
    ended = list(lost) or [value for value in others if len(others) == 1 or not OPEN.search(value)]
    return [True if text == won else False if text in ended else None for text in texts]


def chosen(path: Path, options: argparse.Namespace) -> Deals:
    """The closed deals of a file with the columns that may be used."""
    table = read(path)
    for name in (options.outcome, options.time, options.stage, *(options.columns or [])):
        if name and name not in table:
            raise SystemExit(f"no column {name}; there are {', '.join(table)}")
    ends = closed(table[options.outcome], options.won, options.lost or [])
    rows = [place for place, end in enumerate(ends) if end is not None]
    won = np.array([float(bool(ends[place])) for place in rows])
    texts = {name: [values[place] for place in rows] for name, values in table.items()}
    stage = options.stage or next((name for name in table if name != options.outcome and STAGE.search(name)), None)
    left_out: dict[str, str] = {}
    columns: dict[str, list[Any]] = {}
    for name, values in texts.items():
        if name == options.outcome:
            continue
        if options.columns:
            why = "" if name in options.columns else "not named"
        else:
            why = reason(name, values, won)
        if why:
            left_out[name] = why
        else:
            columns |= typed(name, values)
    if not options.columns:
        for name in [name for name, values in columns.items() if telling(values, won) > ALONE]:
            left_out[name] = "gives the outcome away"
            del columns[name]
    if options.time and columns.pop(f"{options.time} (day)", None):
        left_out[f"{options.time} (day)"] = "is the order of time itself"
    stages = [value or "" for value in texts[stage]] if stage and stage not in left_out else [""] * len(rows)
    return Deals(columns, won, stages, order_of(texts[options.time]) if options.time else None, left_out)


def reason(name: str, values: Sequence[str | None], won: Floats) -> str:
    """Why a column is left out; empty when it may be used."""
    known = [value for value in values if value is not None]
    if len(set(known)) < 2 and len(known) in (0, len(values)):
        return "says the same of every deal"
    words = not all(NUMBER.match(value) or DATE.match(value) for value in known)
    whole = all(value.isdigit() for value in known)
    if len(set(known)) > NAMING * max(len(known), 1) and len(known) > 20 and (words or whole):
        return "names the row"
    if AT_THE_END.search(name):
        return "is only known at the end"
    there = np.array([value is not None for value in values])
    for outcome in (0.0, 1.0):
        mine, other = there[won == outcome].mean(), there[won != outcome].mean()
        if mine < 0.005 and other > 0.2:
            return "is filled for one outcome alone"
    return ""


def telling(values: Sequence[Any], won: Floats) -> float:
    """How well a column alone tells won from lost on the other half of the deals: AUC, 0.5 for not at all."""
    model, _tried = winprob.learn({"x": values[::2]}, won[::2], base(won[::2], len(won[::2])))
    return calibration.auc(model.logits({"x": values[1::2]}, base(won[::2], len(won[1::2]))), won[1::2])


def base(won: Floats, count: int) -> Integers:
    """The rate of all deals, as what is known beforehand."""
    return np.full(count, round(float((won.sum() + 1) / (len(won) + 2)) * RATE_ONE), np.int64)


def order_of(texts: Sequence[str | None]) -> list[Any]:
    """What deals are sorted by: dates where they are dates, else numbers, else the texts."""
    (first, *_rest) = typed("t", texts).values()
    return [(value is None, 0 if value is None else value) for value in first]


def folds(deals: Deals, seed: int) -> Iterator[tuple[Integers, Integers]]:
    """Rows to learn from and rows to tell."""
    count = len(deals.won)
    if deals.when is None:
        fold = np.random.default_rng(seed).permutation(count) % FOLDS
        for place in range(FOLDS):
            yield np.flatnonzero(fold != place), np.flatnonzero(fold == place)
        return
    when = deals.when
    order = np.array(sorted(range(count), key=lambda row: when[row]), np.int64)
    bounds = np.linspace(FIRST_PART, 1, FOLDS + 1)
    for low, high in zip((bounds[:-1] * count).astype(int), (bounds[1:] * count).astype(int), strict=True):
        yield order[:low], order[low:high]


def by_stage(deals: Deals, learnt: Integers, told: Integers) -> Floats:
    """The win rate of each stage among the deals learnt from; the rate of all for an unknown one."""
    whole = float(deals.won[learnt].mean())
    stages = np.array(deals.stages, object)
    rates = {stage: float(deals.won[learnt][stages[learnt] == stage].mean()) for stage in set(stages[learnt])}
    return np.array([rates.get(stage, whole) for stage in stages[told]])


def tell(deals: Deals, learnt: Integers, told: Integers) -> dict[str, Floats]:
    """The probabilities of all three methods for some deals."""

    def part(rows: Integers) -> dict[str, list[Any]]:
        return {name: [values[row] for row in rows.tolist()] for name, values in deals.columns.items()}

    won = deals.won[learnt]
    when = None if deals.when is None else range(len(learnt))  # folds come in order
    model, _tried = winprob.learn(part(learnt), won, base(won, len(learnt)), when=when)
    ours = model.rates(part(told), base(won, len(told))) / RATE_ONE
    boosted = Boosted().learn(list(part(learnt).values()), won).chances(list(part(told).values()))
    return {"ours": ours, "stage_average": by_stage(deals, learnt, told), "gradient_boosting": boosted}


def back_test(deals: Deals, seed: int) -> dict[str, Any]:
    """AUC (the mean of the parts, by their size), Brier score and reliability of each method."""
    said: dict[str, list[Floats]] = {}
    came, sizes = [], []
    for learnt, told in folds(deals, seed):
        if not len(told) or not len(learnt):
            continue
        for name, chances in tell(deals, learnt, told).items():
            said.setdefault(name, []).append(chances)
        came.append(deals.won[told])
        sizes.append(len(told))
    whole = np.concatenate(came)
    found = {
        name: {
            "auc": round(
                float(np.average([calibration.auc(p, y) for p, y in zip(parts, came, strict=True)], weights=sizes)), 4
            ),
            "brier": round(calibration.brier(np.concatenate(parts), whole), 5),
        }
        for name, parts in said.items()
    }
    bins = calibration.reliability(np.concatenate(said["ours"]), whole)
    return {
        **found.pop("ours"),
        "baselines": found,
        "deals": len(deals.won),
        "won": int(deals.won.sum()),
        "reliability": [{"count": b.count, "said": round(b.said, 4), "came": round(b.came, 4)} for b in bins],
        "columns": list(deals.columns),
        "left_out": deals.left_out,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--outcome", required=True, metavar="COLUMN")
    parser.add_argument("--won", required=True, metavar="VALUE")
    parser.add_argument("--lost", action="append", metavar="VALUE", help="repeat for several; everything else is open")
    parser.add_argument("--time", metavar="COLUMN", help="deals in order of time instead of random folds")
    parser.add_argument("--stage", metavar="COLUMN")
    parser.add_argument("--columns", type=lambda text: text.split(","), metavar="A,B")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    begun = time.perf_counter()
    found = back_test(chosen(options.file, options), options.seed)
    found["seconds"] = round(time.perf_counter() - begun, 1)
    print(f"{found['deals']} closed deals, {found['won']} won; {len(found['columns'])} columns")
    for name, why in found["left_out"].items():
        print(f"  left out: {name} ({why})")
    for name, score in {"xiaoguan": found, **found["baselines"]}.items():
        print(f"{name:20} AUC {score['auc']:.4f}   Brier {score['brier']:.5f}")
    for each in found["reliability"]:
        print(f"  said {each['said']:6.1%}   came {each['came']:6.1%}   of {each['count']}")
    if options.json:
        print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
