"""The house stands on its floors: who may import whom, and how large things may grow."""

import ast
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

SOURCE = Path(__file__).parents[1] / "src"
PRODUCT = SOURCE / "xiaoguan"
FLOORS: dict[str, float] = {
    "calc": 0,
    "lexicon": 0,
    "tables": 0.5,
    "kit": 1,
    "transfer": 1.5,
    "api": 1.5,
    "files": 1.5,
    "apps": 2,
    "demo": 3,
    "config": 4,
}
RANKS: dict[str, float] = {
    "org": 1,
    "ownfields": 1.1,
    "signin": 1.1,
    "notices": 1.2,  # every app above may tell somebody something
    "intake": 1.3,
    "webhooks": 1.4,
    "collaboration": 1.4,
    "enclosures": 1.5,
    "audit": 1.6,
    "approvals": 1.7,  # who must agree before something holds; knows people, notices and no business
    "operation": 1.8,
    "merging": 1.9,
    "customers": 2,
    "territories": 2.3,
    "projects": 2.5,  # a deal knows its project, a project knows nothing of deals
    "opportunities": 3,
    "quotes": 3.2,  # a quote knows its deal; what follows when it is accepted is for those above
    "commerce": 3.5,  # a contract knows its deal, a deal knows nothing of contracts
    "leads": 3.6,
    "pools": 3.8,  # a rule knows deals and contracts; a follow-up knows that it puts the day off
    "billing": 3.7,
    "activities": 4,
    "expenses": 4.2,
    "process": 4.6,
    "metrics": 5,
    "goals": 6,
    "dashboards": 7,  # arranges what metrics and goals say; homes stand above it
    "handover": 6.5,
    "forecast": 7,
    "insight": 9,
    "briefing": 9.5,
}
# What the two lowest floors may use beside the standard library.
CALC_MAY_USE = {"numpy"}
LEXICON_MAY_USE = {"numpy", "opencc", "pypinyin", "chinese_calendar", "cnlunar"}
TABLES_MAY_USE = {"python_calamine"}
# Inside one app: a module may not import those that come after it.
INNER_ORDER = ["models", "queries", "actions", "reactions", "pages", "urls"]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
FILE_LINES = 500
FUNCTION_LINES = 60
KIT_LINES = 12_000


@dataclass(frozen=True)
class Import:
    """One imported module, where, and whether the import stands inside a function."""

    file: Path
    line: int
    module: str
    function: str = ""

    def __str__(self) -> str:
        return f"{self.file.relative_to(SOURCE)}:{self.line} imports {self.module}"


def test_imports_run_downwards() -> None:
    """From calc up to config; apps by rank; apps of one rank do not know each other."""
    wrong = [f"{found}: {reason}" for found in imports() if (reason := upward(found))]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_lowest_floor_needs_nothing() -> None:
    """calc uses the standard library and NumPy, lexicon adds vocabularies, tables a reader; none knows Django."""
    allowed = {"calc": CALC_MAY_USE, "lexicon": LEXICON_MAY_USE, "tables": TABLES_MAY_USE}
    wrong = []
    for found in imports():
        extra = allowed.get(package_of(found.file))
        top = found.module.partition(".")[0]
        if extra is not None and top not in {"xiaoguan", *extra, *sys.stdlib_module_names}:
            wrong.append(str(found))
    assert not wrong, "\n" + "\n".join(wrong)


def test_imports_stand_at_the_top() -> None:
    """An import inside a function hides a cycle; AppConfig.ready is the one place that needs it."""
    wrong = [f"{found} inside {found.function}()" for found in imports() if found.function not in ("", "ready")]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_inside_of_an_app_has_one_direction() -> None:
    """models <- queries <- actions <- reactions <- pages <- urls."""
    wrong = []
    for found in imports():
        own = found.file.relative_to(PRODUCT).with_suffix("").parts
        other = found.module.split(".")[1:]
        if own[0] != "apps" or len(own) < 3 or len(other) < 3 or list(own[:2]) != other[:2]:
            continue
        here, there = inner(own[2]), inner(other[2])
        if here is not None and there is not None and there > here:
            wrong.append(str(found))
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_app_has_a_rank() -> None:
    """A new app says where it stands before anybody imports it."""
    present = {path.parent.name for path in (PRODUCT / "apps").glob("*/__init__.py")}
    assert present <= set(RANKS), f"without a rank: {sorted(present - set(RANKS))}"


def test_names_say_what_is_inside() -> None:
    """A module named after nothing attracts everything."""
    wrong = [str(path.relative_to(SOURCE)) for path in PRODUCT.rglob("*.py") if path.stem in FORBIDDEN_NAMES]
    assert not wrong, f"named after nothing: {wrong}"


def test_files_stay_small() -> None:
    """A file has one purpose and at most five hundred lines."""
    kinds = {".py", ".html", ".js", ".mjs", ".css", ".scss"}
    root = SOURCE.parent
    folders = [PRODUCT, *(root / name for name in ("tests", "tools", "bench", "frontend"))]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds and path.is_file()]
    generated = ("migrations", "dist", "node_modules", "artifacts")
    sizes = {path: lines(path) for path in files if not set(path.parts) & set(generated)}
    wrong = [f"{path.relative_to(root)} has {size} lines" for path, size in sizes.items() if size > FILE_LINES]
    assert not wrong, f"more than {FILE_LINES} lines:\n" + "\n".join(sorted(wrong))


def test_functions_stay_small() -> None:
    """A function fits on one screen."""
    wrong = []
    for path in [*python_files(), *PRODUCT.rglob("tests/**/*.py")]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > FUNCTION_LINES:
                    wrong.append(f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}() has {size} lines")
    assert not wrong, f"more than {FUNCTION_LINES} lines:\n" + "\n".join(wrong)


def test_the_kit_stays_a_kit() -> None:
    """The machine stays small; explaining it is not held against it, so blank lines and docstrings do not count."""
    sizes: Counter[str] = Counter()
    for path in python_files():
        if package_of(path) == "kit":
            sizes["/".join(path.relative_to(PRODUCT).parts[:2])] += code_lines(path)
    size = sum(sizes.values())
    assert size <= KIT_LINES, f"kit has {size} lines of code, allowed are {KIT_LINES}: {sizes.most_common(8)}"


def test_everything_says_what_it_is() -> None:
    """Every module, public class and public function of the product has a docstring."""
    wrong = []
    for path in python_files():
        module = tree(path)
        name = str(path.relative_to(SOURCE))
        if ast.get_docstring(module) is None and module.body:
            wrong.append(name)
        wrong += [f"{name}:{node.lineno} {node.name}" for node in undocumented(module)]
    assert not wrong, "without a docstring:\n" + "\n".join(wrong)


def undocumented(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield the public classes, functions and methods of a module that explain nothing; nested ones are exempt."""
    for node in module.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield node
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                named = isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and not part.name.startswith("_")
                overload = named and any("overload" in ast.unparse(item) for item in part.decorator_list)
                setter = named and any(ast.unparse(item).endswith(".setter") for item in part.decorator_list)
                if named and not overload and not setter and ast.get_docstring(part) is None:
                    yield part


def upward(found: Import) -> str:
    """Return why an import breaks the order of the floors, or nothing."""
    if not found.module.startswith("xiaoguan."):
        return ""
    own = found.file.relative_to(PRODUCT).with_suffix("").parts
    other = tuple(found.module.split(".")[1:])
    here, there = FLOORS.get(own[0]), FLOORS.get(other[0])
    if here is None or there is None:
        return ""
    if there > here:
        return f"{own[0]} is below {other[0]}"
    if own[0] == "calc" and other[0] == "lexicon":
        return "calc stands alone"
    if own[0] == other[0] == "apps" and len(own) > 2 and len(other) > 1 and own[1] != other[1]:
        mine, theirs = RANKS.get(own[1], 0), RANKS.get(other[1], 0)
        if theirs >= mine:
            return f"{own[1]} (rank {mine}) may not import {other[1]} (rank {theirs})"
    return ""


def imports() -> Iterator[Import]:
    """Yield every import of the product that runs, with full module names; type-only blocks do not count."""
    for path in python_files():
        yield from walk(path, tree(path), "")


def walk(path: Path, node: ast.AST, function: str) -> Iterator[Import]:
    """Yield the imports below a node."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(path, child.lineno, alias.name, function)
        elif isinstance(child, ast.ImportFrom):
            for module in targets(path, child):
                yield Import(path, child.lineno, module, function)
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield from walk(path, child, inside)


def targets(path: Path, node: ast.ImportFrom) -> list[str]:
    """Return the modules that a ``from`` import names: ``from a import b`` may mean the module ``a.b``."""
    start = node.module or ""
    if node.level:
        package = path.relative_to(SOURCE).parent.parts
        start = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])
    return [f"{start}.{alias.name}" if is_module(f"{start}.{alias.name}") else start for alias in node.names]


def is_module(name: str) -> bool:
    """Return whether a dotted name of the product is a module or a package."""
    path = SOURCE.joinpath(*name.split("."))
    return name.startswith("xiaoguan") and (path.with_suffix(".py").exists() or path.is_dir())


def inner(name: str) -> int | None:
    """Return the place of a module inside its app, None when it has no fixed one."""
    return INNER_ORDER.index(name) if name in INNER_ORDER else None


def package_of(path: Path) -> str:
    """Return the floor's package that a file belongs to."""
    return path.relative_to(PRODUCT).parts[0]


def python_files() -> list[Path]:
    """Return the product's own modules, without migrations and tests."""
    return [path for path in sorted(PRODUCT.rglob("*.py")) if not {"migrations", "tests"} & set(path.parts)]


def lines(path: Path) -> int:
    """Return how many lines a text file has."""
    return len(path.read_text(encoding="utf-8").splitlines())


def code_lines(path: Path) -> int:
    """Return how many lines of a Python file hold code: no blank ones, comments or docstrings."""
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    found: set[int] = set()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in silent and token.type != tokenize.ENCODING:
                found.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(found)


_trees: dict[Path, ast.Module] = {}


def tree(path: Path) -> ast.Module:
    """Return the parsed file, parsed once."""
    if path not in _trees:
        _trees[path] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return _trees[path]
