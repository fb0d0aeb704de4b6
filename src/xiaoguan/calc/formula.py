"""Formulas over the values of one record: a small language, read once, worked out here or by a database.

    [sum] * 0.06        if(days([due], [paid]) > 30, "late", "on time")        round([sum] / [pieces], 2)

Numbers are exact decimals; a division is rounded to ten decimals, halves away from zero, and by zero it gives
nothing. Nothing in gives nothing out, but `coalesce`, `min`, `max` and `concat` pass over what is empty, and an
empty condition counts as not true. There is no loop, no name but the record's, and a limit on length and depth.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Literal

Type = Literal["number", "date", "text", "truth"]
Value = Decimal | dt.date | str | bool | None

LONGEST = 500
DEEPEST = 20
DIVISION_PLACES = 10
MOST_PLACES = 6

EXACT = Context(prec=12_000, rounding=ROUND_HALF_UP)
"""More digits than a formula of LONGEST characters can make of 64-bit numbers: sums and products never round."""

_WIDE = str.maketrans(
    "\uff08\uff09\uff0c\uff0b\uff0d\u2212\u00d7\u00f7\uff0a\uff0f\uff1d\uff1c\uff1e\u201c\u201d\u3010\u3011\uff3b\uff3d",
    '(),+--*/*/=<>""[][]',
)
"""Full-width signs, one for one, so that positions stay what they are."""
_TOKENS = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>\"[^\"]*\"|'[^']*')|(?P<named>\[[^\]\[]+\])|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign><=|>=|<>|!=|==|[-+*/(),=<>]))"
)
_COMPARED = {"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

FUNCTIONS = ("if", "round", "min", "max", "days", "concat", "coalesce")


class FormulaError(ValueError):
    """What is wrong with a formula: a code, where (from 0), and what the sentence needs."""

    def __init__(self, code: str, at: int, **params: Any) -> None:
        super().__init__(code)
        self.code, self.at, self.params = code, at, params


@dataclass(frozen=True)
class Node:
    """One operation: `op` is a sign, a function, `name` or `value`; `type` is what it comes to."""

    op: str
    type: Type
    args: tuple[Node, ...] = ()
    value: Any = None
    at: int = field(default=0, compare=False)

    def names(self) -> set[str]:
        """The keys of the record's values that it reads."""
        own = {self.value} if self.op == "name" else set()
        return own.union(*(each.names() for each in self.args))


@dataclass(frozen=True)
class Token:
    """One word of a formula and where it stands."""

    kind: str
    text: str
    at: int
    end: int


Known = Callable[[str], tuple[str, Type] | None]
"""From a name as typed to the key and type of a value; None for an unknown one."""


def tokens(text: str) -> Iterator[Token]:
    """The words of a formula; raises FormulaError at what is none."""
    if len(text) > LONGEST:
        raise FormulaError("too_long", LONGEST, limit=LONGEST)
    plain, at = text.translate(_WIDE), 0
    while plain[at:].strip():
        found = _TOKENS.match(plain, at)
        if found is None:
            start = at + len(plain[at:]) - len(plain[at:].lstrip())
            code = "open_text" if plain[start] in "\"'" else "open_name" if plain[start] == "[" else "unknown_sign"
            raise FormulaError(code, start, sign=text[start])
        kind = str(found.lastgroup)
        start = found.start(kind)
        # Texts keep the characters that were typed.
        yield Token(kind, text[start : found.end()] if kind in ("text", "named") else found[kind], start, found.end())
        at = found.end()


def parse(text: str, known: Known) -> Node:
    """Read a formula; raises FormulaError with the position of what is wrong."""
    reader = _Reader(list(tokens(text)), known, len(text))
    node = reader.comparison(0)
    if (left := reader.peek()) is not None:
        raise FormulaError("unexpected", left.at, sign=left.text)
    if node.type == "truth":
        raise FormulaError("truth", node.at)
    return node


def renamed(text: str, name: Callable[[str], str | None]) -> str:
    """The formula with other names, each in brackets; `name` answers None for what stays."""
    made, at = "", 0
    words = list(tokens(text))
    for index, word in enumerate(words):
        after = words[index + 1].text if index + 1 < len(words) else ""
        if word.kind not in ("name", "named") or (word.kind == "name" and after == "("):
            continue
        new = name(_bare(word))
        if new is not None:
            made, at = f"{made}{text[at : word.at]}[{new}]", word.end
    return made + text[at:]


def _bare(word: Token) -> str:
    return word.text[1:-1].strip() if word.kind == "named" else word.text


class _Reader:
    """Recursive descent, one function per level of binding."""

    def __init__(self, words: list[Token], known: Known, end: int) -> None:
        self.words, self.known, self.end, self.at = words, known, end, 0

    def peek(self) -> Token | None:
        return self.words[self.at] if self.at < len(self.words) else None

    def take(self, *signs: str) -> Token | None:
        word = self.peek()
        if word is None or word.kind != "sign" or word.text not in signs:
            return None
        self.at += 1
        return word

    def need(self, sign: str) -> None:
        if self.take(sign) is None:
            word = self.peek()
            raise FormulaError("missing", word.at if word else self.end, sign=sign)

    def comparison(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise FormulaError("too_deep", self.words[min(self.at, len(self.words) - 1)].at, limit=DEEPEST)
        left = self.sum(depth)
        word = self.take(*_COMPARED)
        if word is None:
            return left
        right = self.sum(depth)
        if left.type != right.type or left.type == "truth":
            raise FormulaError("unlike", word.at, left=left.type, right=right.type)
        return Node(_COMPARED[word.text], "truth", (left, right), at=word.at)

    def sum(self, depth: int) -> Node:
        return self._chain(self.product, ("+", "-"), depth)

    def product(self, depth: int) -> Node:
        return self._chain(self.signed, ("*", "/"), depth)

    def _chain(self, level: Callable[[int], Node], signs: tuple[str, ...], depth: int) -> Node:
        node = level(depth)
        while (word := self.take(*signs)) is not None:
            right = level(depth)
            for each in (node, right):
                if each.type != "number":
                    raise FormulaError("needs_number", each.at, found=each.type, sign=word.text)
            node = Node(word.text, "number", (node, right), at=word.at)
        return node

    def signed(self, depth: int) -> Node:
        word = self.take("-", "+")
        if word is None:
            return self.single(depth)
        inner = self.single(depth)
        if inner.type != "number":
            raise FormulaError("needs_number", inner.at, found=inner.type, sign=word.text)
        return Node("neg", "number", (inner,), at=word.at) if word.text == "-" else inner

    def single(self, depth: int) -> Node:
        word = self.peek()
        if word is None:
            raise FormulaError("unfinished", self.end)
        self.at += 1
        if word.kind == "number":
            return Node("value", "number", value=Decimal(word.text), at=word.at)
        if word.kind == "text":
            return Node("value", "text", value=word.text[1:-1], at=word.at)
        if word.kind == "name" and (after := self.peek()) is not None and after.text == "(" and after.kind == "sign":
            return self.call(word, depth)
        if word.kind in ("name", "named"):
            found = self.known(_bare(word))
            if found is None:
                raise FormulaError("unknown_name", word.at, name=_bare(word))
            return Node("name", found[1], value=found[0], at=word.at)
        if word.text == "(":
            inner = self.comparison(depth + 1)
            self.need(")")
            return inner
        raise FormulaError("unexpected", word.at, sign=word.text)

    def call(self, word: Token, depth: int) -> Node:
        name = word.text.lower()
        if name not in FUNCTIONS:
            raise FormulaError("unknown_function", word.at, name=word.text, known=", ".join(FUNCTIONS))
        self.need("(")
        args = [self.comparison(depth + 1)]
        while self.take(","):
            args.append(self.comparison(depth + 1))
        self.need(")")
        return Node(name, _type_of(name, args, word.at), tuple(args), at=word.at)


def _type_of(name: str, args: list[Node], at: int) -> Type:
    """What a function comes to; raises FormulaError for a wrong number or type of arguments."""
    counts = {"if": (3, 3), "round": (1, 2), "days": (2, 2)}
    least, most = counts.get(name, (1, 20))
    if not least <= len(args) <= most:
        raise FormulaError("arguments", at, name=name, n=least)
    wanted = {"round": "number", "days": "date"}.get(name)
    for each in args if wanted else ():
        if each.type != wanted:
            raise FormulaError(f"needs_{wanted}", each.at, found=each.type, sign=name)
    if name == "round" and len(args) == 2:
        places = args[1].value
        if args[1].op != "value" or places != int(places) or places > MOST_PLACES:
            raise FormulaError("places", args[1].at, limit=MOST_PLACES)
    if name == "if" and args[0].type != "truth":
        raise FormulaError("condition", args[0].at)
    if name == "concat":
        if wrong := next((each for each in args if each.type == "truth"), None):
            raise FormulaError("truth", wrong.at)
        return "text"
    if name in ("round", "days"):
        return "number"
    same = args[1:] if name == "if" else args
    for each in same:
        if each.type != same[0].type or each.type == "truth":
            raise FormulaError("unlike", each.at, left=same[0].type, right=each.type)
    return same[0].type


# --- Working it out here ------------------------------------------------------------------------------------------


def evaluate(node: Node, values: Mapping[str, Value]) -> Value:
    """The result for one record; None for nothing. `values` maps keys to Decimal, date or text."""
    if node.op == "value":
        return node.value or None if node.type == "text" else node.value
    if node.op == "name":
        found = values.get(node.value)
        return None if found == "" else found
    if node.op == "if":
        return evaluate(node.args[1 if evaluate(node.args[0], values) is True else 2], values)
    args = [evaluate(each, values) for each in node.args]
    if node.op == "concat":
        return "".join(written(each) for each in args if each is not None) or None
    if node.op in ("coalesce", "min", "max"):
        there: list[Any] = [each for each in args if each is not None]
        if not there:
            return None
        return there[0] if node.op == "coalesce" else min(there) if node.op == "min" else max(there)
    if None in args:
        return None
    return _apply(node.op, args)


def _apply(op: str, args: list[Any]) -> Value:
    if op in ("=", "<>", "<", "<=", ">", ">="):
        return bool(_COMPARE[op](args[0], args[1]))
    if op == "days":
        return Decimal((args[0] - args[1]).days)
    return _ARITHMETIC[op](*args)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def divided(a: Decimal, b: Decimal) -> Decimal | None:
    """Rounded to ten decimals, halves away from zero; nothing when b is zero."""
    if not b:
        return None
    whole = EXACT.divide_int(a.scaleb(DIVISION_PLACES + 1, EXACT), b)
    return rounded(whole.scaleb(-DIVISION_PLACES - 1, EXACT), DIVISION_PLACES)


def rounded(a: Decimal, places: Decimal | int = 0) -> Decimal:
    """Halves away from zero."""
    return a.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP, EXACT)


def written(value: Any) -> str:
    """A value inside a text: numbers without zeros behind, dates as 2026-11-27."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    return value.isoformat() if isinstance(value, dt.date) else str(value)


_ARITHMETIC: dict[str, Callable[..., Decimal | None]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": divided,
    "neg": lambda a: EXACT.minus(a),
    "round": rounded,
}


def fitted(value: Decimal | None, places: int) -> int | None:
    """A number as a whole count of its last decimal; None where 64 bits can't hold it."""
    if value is None:
        return None
    found = int(rounded(value, places).scaleb(places, EXACT))
    return found if abs(found) < 2**63 else None


# --- Letting a database work it out -------------------------------------------------------------------------------

Dialect = Literal["sqlite", "postgresql"]


def sql(node: Node, dialect: Dialect, columns: Mapping[str, str]) -> str:
    """The same as an SQL expression without parameters; `columns` maps keys to expressions of the right form.

    A number is numeric on PostgreSQL and decimal text on SQLite, where `register` brings the arithmetic; a date is
    ISO text on both.
    """
    if node.op == "value":
        if node.type == "number":
            return f"{node.value:f}::numeric" if dialect == "postgresql" else f"'{node.value:f}'"
        return "NULLIF('{}', '')".format(str(node.value).replace("'", "''"))
    if node.op == "name":
        return f"NULLIF({columns[node.value]}, '')" if node.type == "text" else columns[node.value]
    args = [sql(each, dialect, columns) for each in node.args]
    return (_postgresql if dialect == "postgresql" else _sqlite)(node, args)


def _postgresql(node: Node, args: list[str]) -> str:
    op = node.op
    if op in _COMPARE:
        return f"({args[0]}{_COLLATE if node.args[0].type == 'text' else ''} {op} {args[1]})"
    if op in ("+", "-", "*"):
        return f"({args[0]} {op} {args[1]})"
    if op == "/":
        one = "1" + "0" * (DIVISION_PLACES + 1)
        least = "0." + "0" * DIVISION_PLACES + "1"
        return f"round(div({args[0]} * {one}, NULLIF({args[1]}, 0)) * {least}, {DIVISION_PLACES})"
    if op == "neg":
        return f"(-({args[0]}))"
    if op == "round":
        return f"round({args[0]}, {int(node.args[1].value) if len(args) > 1 else 0})"
    if op == "days":
        return f"({args[0]}::date - {args[1]}::date)::numeric"
    if op == "concat":
        pairs = zip(args, node.args, strict=True)
        return f"NULLIF(concat({', '.join(f'trim_scale({a})' if n.type == 'number' else a for a, n in pairs)}), '')"
    if op in ("min", "max"):
        collate = _COLLATE if node.type == "text" else ""
        return f"{'LEAST' if op == 'min' else 'GREATEST'}({', '.join(f'({a}){collate}' for a in args)})"
    return _either(node, args)


_COLLATE = ' COLLATE "C"'


def _either(node: Node, args: list[str]) -> str:
    if node.op == "if":
        return f"(CASE WHEN {args[0]} THEN {args[1]} ELSE {args[2]} END)"
    return f"COALESCE({', '.join(args)})" if len(args) > 1 else args[0]


def _sqlite(node: Node, args: list[str]) -> str:
    op, numbers = node.op, bool(node.args) and node.args[-1].type == "number"
    if op in _COMPARE:
        return f"(formula_compare({args[0]}, {args[1]}) {op} 0)" if numbers else f"({args[0]} {op} {args[1]})"
    if op in ("+", "-", "*", "/", "neg", "round", "days"):
        return f"formula_work('{op}', {', '.join(args)})"
    if op == "concat":
        pairs = zip(args, node.args, strict=True)
        return f"formula_concat({', '.join(f'formula_written({a})' if n.type == 'number' else a for a, n in pairs)})"
    if op in ("min", "max"):
        return f"formula_{op}('{'number' if node.type == 'number' else 'text'}', {', '.join(args)})"
    return _either(node, args)


def register(connection: Any) -> None:
    """Teach a SQLite connection the exact arithmetic that `sql` asks for."""
    for name, arguments, function in (
        ("formula_work", -1, _work),
        ("formula_compare", 2, _compared),
        ("formula_min", -1, lambda kind, *args: _extreme(min, kind, args)),
        ("formula_max", -1, lambda kind, *args: _extreme(max, kind, args)),
        ("formula_concat", -1, _concat),
        ("formula_written", 1, lambda text: None if text is None else written(Decimal(text))),
        ("formula_number", 2, _number),
        ("formula_fit", 2, lambda text, places: None if text is None else fitted(Decimal(text), places)),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


def _work(op: str, *args: str | None) -> str | None:
    if any(each is None for each in args):
        return None
    found = _apply(op, [dt.date.fromisoformat(str(each)) if op == "days" else Decimal(str(each)) for each in args])
    return None if found is None else f"{found:f}"


def _compared(a: str | None, b: str | None) -> int | None:
    if a is None or b is None:
        return None
    left, right = Decimal(a), Decimal(b)
    return (left > right) - (left < right)


def _extreme(best: Callable[..., Any], kind: str, args: tuple[Any, ...]) -> Any:
    there = [each for each in args if each is not None]
    return best(there, key=Decimal if kind == "number" else None) if there else None


def _concat(*args: Any) -> str | None:
    return "".join(str(each) for each in args if each is not None) or None


def _number(value: int | float | str | None, places: int) -> str | None:
    """A stored number as decimal text: a whole number counts its last decimal, any other is as it stands."""
    if value is None:
        return None
    try:
        found = Decimal(value).scaleb(-places, EXACT) if isinstance(value, int) else Decimal(str(value))
    except InvalidOperation:
        return None
    return f"{found:f}"
