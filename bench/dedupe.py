"""How well duplicates are found, and how fast.

`python bench/dedupe.py FILE --truth CSV --json` finds the pairs of rows of a workbook or CSV file that mean one
company, as the product does for its customers, and compares them with the truth: a CSV file with a row's number
(`excel_row`) and its company (`entity_id`). `python bench/dedupe.py --names 1000000 --json` makes a million names of
the short forms in `--short-forms` and looks for spoilt copies of some and for names of companies that are not among
them; then it joins the million, with one spoilt copy in twenty-one, with itself. `--fit` finds the weights of the
likeness anew.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import names
import numpy as np

from xiaoguan.calc.grams import Grams
from xiaoguan.lexicon import duplicates, headers, identity, likeness, places
from xiaoguan.lexicon.duplicates import Company
from xiaoguan.tables.layout import choose_sheet, read_layout
from xiaoguan.tables.sheet import cell_text
from xiaoguan.tables.source import open_path

SHORT_FORMS = Path(__file__).resolve().parents[2] / "shared/data/cn_companies/company_short_forms_280k.txt.gz"
SEED = 2026
FIT_SEEDS = (101, 102, 103)
CANDIDATES = 20


def main() -> None:
    """Measure what is asked for and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--truth", type=Path, help="CSV with excel_row and entity_id")
    parser.add_argument("--names", type=int, help="so many names are made")
    parser.add_argument("--queries", type=int, default=400, help="spoilt names of each kind")
    parser.add_argument("--short-forms", type=Path, default=SHORT_FORMS)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--json", action="store_true", help="one line")
    given = parser.parse_args()
    if given.fit:
        found: dict[str, Any] = fit(given.short_forms, given.names or 1_000_000, given.queries)
    elif given.names:
        found = lookups(given.short_forms, given.names, given.queries)
    elif given.file and given.truth:
        found = of_file(given.file, given.truth)
    else:
        parser.error("name a file with --truth, or --names")
    print(json.dumps(found, ensure_ascii=False, indent=None if given.json else 2))


# --- A file -----------------------------------------------------------------------------------------------------


def of_file(path: Path, truth: Path) -> dict[str, Any]:
    """Recall and precision of the pairs of rows that mean one company."""
    begun = time.perf_counter()
    numbers, companies = read(path)
    read_at = time.perf_counter()
    groups = duplicates.groups(duplicates.pairs(companies))
    found = {pair for group in groups for pair in combinations(sorted(numbers[at] for at in group), 2)}
    joined_at = time.perf_counter()
    rows = defaultdict(list)
    with truth.open(encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            rows[line["entity_id"]].append(int(line["excel_row"]))
    same = {pair for members in rows.values() for pair in combinations(sorted(members), 2)}
    right = len(same & found)
    return {
        "rows": len(companies), "same": len(same), "found": len(found), "right": right,
        "recall": round(right / max(1, len(same)), 4), "precision": round(right / max(1, len(found)), 4),
        "missed": [list(pair) for pair in sorted(same - found)[:20]],
        "wrong": [list(pair) for pair in sorted(found - same)[:20]],
        "read_seconds": round(read_at - begun, 2), "join_seconds": round(joined_at - read_at, 2),
    }  # fmt: skip


def read(path: Path) -> tuple[list[int], list[Company]]:
    """The numbers of a file's rows and the companies in them."""

    def known(word: str) -> bool:
        return bool(headers.guess(word, "customers"))

    source = open_path(path)
    layout = read_layout(choose_sheet(source.sheets, known), known)
    columns: dict[str, int] = {}
    for column in layout.columns:
        if field := headers.guess(column.leaf or column.name, "customers"):
            columns.setdefault(field, column.index)
    numbers, companies = [], []
    for row in layout.data(twins=True):
        said = {field: cell_text(row.cells[at]) for field, at in columns.items() if at < len(row.cells)}
        if said.get("name"):
            numbers.append(row.number)
            companies.append(company(said))
    return numbers, companies


def company(said: dict[str, str]) -> Company:
    """A row's company, folded as the product folds a customer."""
    code = said.get("credit_code", "")
    return Company(
        said["name"],
        tuple(places.places_in(said.get("province", "") + said.get("city", ""))),
        identity.domain(said.get("website", "")),
        identity.phones(said.get("phone", "")),
        identity.address(said.get("address", "")),
        identity.credit_code(code) if identity.is_credit_code(code) else "",
    )


# --- Very many names --------------------------------------------------------------------------------------------


def lookups(short_forms: Path, size: int, each: int) -> dict[str, Any]:
    """Recall where precision is 0.95 among spoilt and new names, times and sizes."""
    maker = names.Maker(short_forms, SEED)
    world = maker.world(size)
    written = [company.name for company in world]
    begun = time.perf_counter()
    prepared = likeness.prepare(written)
    prepared_at = time.perf_counter()
    grams = likeness.index(prepared)
    built_at = time.perf_counter()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "names.grams"
        grams.save(path)
        asked = ask(maker, world, each)
        answers, taken = answer(Grams.load(path), written, [name for name, _at, _kind in asked])
        harder = ask(maker, world, each, names.HARDER)
        of_harder, _taken = answer(Grams.load(path), written, [name for name, _at, _kind in harder])
        size_mb = round(path.stat().st_size / 1e6)
    found = judged(asked, answers) | {"harder": judged(harder, of_harder)["found_by_kind"]}
    taken.sort()
    return {
        "names": size, "queries": len(asked), **found,
        "prepare_seconds": round(prepared_at - begun, 1), "build_seconds": round(built_at - prepared_at, 1),
        "index_mb": size_mb, "lookup_p50_ms": round(taken[len(taken) // 2] * 1000, 2),
        "lookup_p95_ms": round(taken[int(len(taken) * 0.95)] * 1000, 2),
        **join(maker, world, written), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


Asked = list[tuple[str, int, str]]
"""A name, the place of its company (-1: in no world), and how it was made."""


def ask(maker: names.Maker, world: list[names.Company], each: int, kinds: Sequence[str] = names.SPOILT) -> Asked:
    """Spoilt names, as many of each kind, and as many new ones: half of a new brand, half resembling somebody."""
    found = [(name, at, kind) for kind in kinds for name, at in maker.spoilt(world, kind, each)]
    for kind, share in zip(names.NEW, (0.5, 0.25, 0.25), strict=True):
        found += [(name, -1, kind) for name in maker.new(world, kind, int(len(names.SPOILT) * each * share))]
    return found


def answer(grams: Grams, written: list[str], asked: list[str]) -> tuple[list[tuple[int, float]], list[float]]:
    """For each name the likeliest company and how likely it is; and the seconds that each took."""
    answers, taken = [], []
    for name in asked:
        begun = time.perf_counter()
        query = likeness.prepare([name])
        items, _alike = grams.top(query.of(0), CANDIDATES)
        best = (-1, 0.0)
        if len(items):
            others = likeness.prepare([written[item] for item in items])
            rows = np.arange(len(items))
            likely = likeness.likeness(grams, query, np.zeros_like(rows), others, rows)
            at = int(likely.argmax())
            best = (int(items[at]), float(likely[at]))
        taken.append(time.perf_counter() - begun)
        answers.append(best)
    return answers, taken


def judged(asked: Asked, answers: list[tuple[int, float]]) -> dict[str, Any]:
    """Recall at precisions of 0.95 and 0.99, at the product's own thresholds, and by kind at the lower one."""
    likely = np.array([value for _item, value in answers])
    right = np.array([item == at >= 0 for (item, _value), (_name, at, _kind) in zip(answers, asked, strict=True)])
    spoilt = sum(at >= 0 for _name, at, _kind in asked)
    order = np.argsort(-likely, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    recall = np.cumsum(right[order]) / spoilt
    found: dict[str, Any] = {"recall_at_1": round(right.sum() / spoilt, 4)}
    for least in (0.95, 0.99):
        enough = np.flatnonzero(precision >= least)
        found[f"recall_at_precision_{least}"] = round(float(recall[enough[-1]]), 4) if len(enough) else 0.0
    for word, least in (("maybe", likeness.MAYBE), ("sure", likeness.SURE)):
        told = likely >= least
        found[word] = {
            "least": least,
            "recall": round((right & told).sum() / spoilt, 4),
            "precision": round((right & told).sum() / max(1, told.sum()), 4),
        }
    kinds = np.array([kind for _name, _at, kind in asked])
    told = likely >= likeness.MAYBE
    found["found_by_kind"] = {
        kind: round(float((right & told)[kinds == kind].mean()), 3)
        for kind in names.SPOILT + names.HARDER
        if kind in kinds
    }
    found["wrongly_found"] = {kind: round(float(told[kinds == kind].mean()), 3) for kind in names.NEW}
    return found


def join(maker: names.Maker, world: list[names.Company], written: list[str]) -> dict[str, Any]:
    """The self-join of a world and spoilt copies of some of it."""
    each = len(world) // 20 // len(names.SPOILT)
    copies = [copy for kind in names.SPOILT for copy in maker.spoilt(world, kind, each)]
    groups = defaultdict(list)
    for number, (_name, at) in enumerate(copies, len(world)):
        groups[at].append(number)
    same = {pair for at, members in groups.items() for pair in combinations((at, *members), 2)}
    companies = [Company(name) for name in (*written, *(name for name, _at in copies))]
    begun, cpu = time.perf_counter(), time.process_time()
    prepared = likeness.prepare([each.name for each in companies])
    grams = likeness.index(prepared)
    built, built_cpu = time.perf_counter(), time.process_time()
    found = {(pair.first, pair.second) for pair in duplicates.joined(companies, prepared, grams, likeness.MAYBE)}
    done, done_cpu = time.perf_counter(), time.process_time()
    return {
        "join_names": len(companies), "join_same": len(same), "join_found": len(found),
        "join_recall": round(len(same & found) / len(same), 4),
        "join_precision": round(len(same & found) / max(1, len(found)), 4),
        "join_seconds": round(done - built, 1), "join_cpu_seconds": round(done_cpu - built_cpu, 1),
        "preparing_seconds": round(built - begun, 1), "preparing_cpu_seconds": round(built_cpu - cpu, 1),
    }  # fmt: skip


# --- The weights ------------------------------------------------------------------------------------------------


def fit(short_forms: Path, size: int, each: int) -> dict[str, Any]:
    """Weights of the likeness by logistic regression over what is found among few, many and very many names."""
    rows, outcomes = [], []
    for number, seed in zip((size // 200, size // 5, size), FIT_SEEDS, strict=True):
        maker = names.Maker(short_forms, seed)
        world = maker.world(number)
        prepared = likeness.prepare([company.name for company in world])
        grams = likeness.index(prepared)
        asked = ask(maker, world, max(40, each * number // size), names.SPOILT + names.HARDER)
        queries = likeness.prepare([name for name, _at, _kind in asked])
        found = [grams.top(queries.of(at), CANDIDATES // 2)[0] for at in range(len(asked))]
        these, those = np.repeat(np.arange(len(asked)), [len(items) for items in found]), np.concatenate(found)
        rows.append(likeness.features(grams, queries, these, prepared, those))
        outcomes.append(np.array([at for _name, at, _kind in asked])[these] == those)
    weights = regression(np.concatenate(rows), np.concatenate(outcomes))
    return {"weights": dict(zip(likeness.WEIGHTS, weights.round(2).tolist(), strict=True))}


def regression(rows: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method, the weights held a little."""
    weights = np.zeros(rows.shape[1])
    hold = 0.01 * np.eye(len(weights))
    for _step in range(60):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (chance - outcomes) + hold @ weights
        weights -= np.linalg.solve((rows * (chance * (1 - chance))[:, None]).T @ rows + hold, slope)
    return weights


if __name__ == "__main__":
    main()
