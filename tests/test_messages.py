"""Both languages are complete: nothing missing, nothing stale, nothing written past the catalogue."""

import ast
import re
from pathlib import Path

import messages
import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "src" / "xiaoguan"
HAN = re.compile(r"[㐀-鿿豈-﫿]")
MAY_HOLD_CHINESE = {"locale", "demo", "lexicon", "tests", "migrations", "dist", "node_modules"}
CALLS = set(messages.KEYWORDS)


@pytest.fixture(scope="module")
def found() -> list[str]:
    """What is wrong with the committed catalogue."""
    return list(messages.problems())


@pytest.mark.parametrize(
    "fault", ["missing", "obsolete", "fuzzy", "empty", "placeholders differ", "line breaks at the ends differ"]
)
def test_the_catalogue_is_complete(found: list[str], fault: str) -> None:
    """A fresh extraction equals what is committed, and every message has a faithful translation."""
    wrong = [problem for problem in found if problem.startswith(fault)]
    assert not wrong, f"{len(wrong)} (run make messages, then translate):\n" + "\n".join(wrong)


def test_chinese_stands_in_the_catalogue_only() -> None:
    """No Chinese text in code, templates and scripts; vocabularies, demo data and tests are data."""
    wrong = []
    folders = [PRODUCT, ROOT / "frontend"]
    for path in (path for folder in folders for path in folder.rglob("*")):
        if path.suffix not in (".py", ".html", ".js", ".mjs", ".txt") or MAY_HOLD_CHINESE & set(path.parts):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if HAN.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_messages_are_whole_sentences() -> None:
    """A message put together from pieces before it is looked up is never found in a catalogue."""
    wrong = []
    for path in PRODUCT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name_of(node.func) in CALLS and any(map(pieced, node.args[:3])):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong, "f-string, %, + or format() inside a translation call:\n" + "\n".join(wrong)


def name_of(function: ast.expr) -> str:
    """Return the name under which a function is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def pieced(argument: ast.expr) -> bool:
    """Return whether text is put together inside the call."""
    if isinstance(argument, ast.JoinedStr | ast.BinOp):
        return True
    return isinstance(argument, ast.Call) and name_of(argument.func) == "format"


def test_calls_inside_formatted_strings_are_found() -> None:
    """A message in an f-string is extracted like any other."""
    code = 'cell = f"<th>{escape(_(\'Whose\'))}</th>" + _("Sum")'
    assert list(messages.within_strings(code.encode())) == ["_('Whose')"]


@pytest.mark.parametrize(
    ("source", "translation", "fault"),
    [
        ("%(count)s deals", "%(count)s 个商机", ""),
        ("%(count)s deals", "个商机", "placeholders differ"),
        ("Open <b>%(name)s</b>", "打开 %(name)s", "placeholders differ"),
        ("Deals", "", "empty"),
        ("Deals\n", "商机", "line breaks"),
    ],
)
def test_faults_are_seen(source: str, translation: str, fault: str) -> None:
    """The check itself tells a faithful translation from a broken one."""
    seen = list(messages.faults(messages.Message(source, translation)))
    assert [text.startswith(fault) for text in seen] == ([True] if fault else [])
