"""The message catalogue: ``python tools/messages.py extract|merge FILE...|compile|check|sync``.

Everything is done with Babel, no gettext programs. Python is read by Babel's own extractor; Django's ``templatize``
finds the calls in a template. The source language is English, so English needs no catalogue.

``merge`` fills empty translations from JSON files ``{"msgid": "translation"}``; a plural is
``{"msgid": ["msgid_plural", "translation"]}``, a context is put before the msgid with U+0004 between.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import catalogue
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "xiaoguan"
LANGUAGE = "zh_Hans"
KEYWORDS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], None),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w*\}|</?\w+[^>]*>")
TEXT = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
TEMPLATE_CALL = re.compile(rf"\b(?:n?p?gettext|_)\(\s*{TEXT}(?:\s*,\s*{TEXT})*")
DATES = ("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Last-Translator", "Report-Msgid-Bugs-To")


def catalogue_path() -> Path:
    """Return where the translations are kept."""
    return ROOT / catalogue.LOCALE / LANGUAGE / "LC_MESSAGES" / "django.po"


def load() -> Catalog:
    """Return the committed translations; an absent file is an empty catalogue."""
    path = catalogue_path()
    if not path.exists():
        return Catalog(locale=LANGUAGE, project="Xiaoguan")
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def sources() -> Iterator[tuple[Path, bytes]]:
    """Yield every file that may hold messages; of a template only its translation calls, as lines of Python."""
    for path in sorted(SOURCE.rglob("*")):
        inside = set(path.relative_to(SOURCE).parts)
        if not path.is_file() or inside & {"tests", "migrations", "locale", "static"}:
            continue
        if path.suffix == ".py":
            code = path.read_bytes()
            yield path, code + b"\n" + "\n".join(within_strings(code)).encode()
        elif path.suffix in (".html", ".txt") and "templates" in inside:
            code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            yield path, "\n".join(f"{call})" for call in TEMPLATE_CALL.findall(code)).encode()


def within_strings(code: bytes) -> Iterator[str]:
    """Yield the translation calls inside formatted strings, which Babel sees only from Python 3.12 on."""
    for string in ast.walk(ast.parse(code)):
        for node in ast.walk(string) if isinstance(string, ast.JoinedStr) else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                yield ast.unparse(node)


def extract() -> Catalog:
    """Return a catalogue of every message in the sources, without translations."""
    fresh = Catalog(locale=LANGUAGE, project="Xiaoguan")
    for path, code in sources():
        found = babel_extract("python", io.BytesIO(code), KEYWORDS, ["Translators:"], {"encoding": "utf-8"}, True)
        for _line, message, comments, context in found:
            if message and (message if isinstance(message, str) else message[0]):
                fresh.add(
                    message,
                    locations=[(path.relative_to(ROOT).as_posix(), None)],
                    auto_comments=comments,
                    context=context,
                )
    return fresh


def update() -> Catalog:
    """Return today's messages with the translations that are known for them; the rest is empty."""
    old, fresh = load(), extract()
    for message in fresh:
        known = old.get(message.id, message.context) if message.id else None
        if known and known.string and not known.fuzzy and same_kind(known, message):
            message.string = known.string
    return fresh


def same_kind(known: Message, message: Message) -> bool:
    """Return whether both are plurals with the same forms, or both are not."""
    return known.id == message.id if message.pluralizable else not known.pluralizable


def save(fresh: Catalog) -> None:
    """Write a catalogue without dates and line numbers, so that it changes only when a message does."""
    buffer = io.BytesIO()
    write_po(buffer, fresh, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    text = buffer.getvalue().decode()
    lines = [line for line in text.splitlines() if not line.startswith(tuple(f'"{name}:' for name in DATES))]
    head = next(number for number, line in enumerate(lines) if line.startswith("msgid"))
    path = catalogue_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(line for line in lines[head:]).rstrip() + "\n", encoding="utf-8")


def merge(files: list[Path]) -> list[str]:
    """Fill empty translations from JSON files; returns what could not be used, one sentence each."""
    fresh, notes = update(), []
    taken: dict[str, str] = {}
    for file in files:
        for key, value in json.loads(file.read_text(encoding="utf-8")).items():
            text = value if isinstance(value, str) else value[-1]
            if taken.setdefault(key, text) != text:
                notes.append(f"{file.name}: {key!r} is {text!r}, before it was {taken[key]!r}")
                continue
            context, _, msgid = key.rpartition("\x04")
            message = fresh.get(msgid, context or None)
            if message is None:
                notes.append(f"{file.name}: {key!r} is in no source")
            elif not filled(message):
                message.string = (text,) if message.pluralizable else text
    save(fresh)
    return notes


def filled(message: Message) -> bool:
    """Return whether every form of a message has a translation."""
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    return bool(forms) and all(forms)


def problems() -> Iterator[str]:
    """Yield everything that keeps the committed catalogue from being complete and true."""
    fresh, kept = extract(), load()
    wanted = {(message.context, _key(message)) for message in fresh if message.id}
    present = {(message.context, _key(message)) for message in kept if message.id}
    yield from (f"missing: {key!r}" for _, key in sorted(wanted - present, key=repr))
    yield from (f"obsolete: {key!r}" for _, key in sorted(present - wanted, key=repr))
    yield from (f"obsolete: {key!r}" for key in kept.obsolete)
    for message in kept:
        if message.id:
            yield from (f"{fault}: {_key(message)!r}" for fault in faults(message))


def faults(message: Message) -> Iterator[str]:
    """Yield what is wrong with one translation."""
    if message.fuzzy:
        yield "fuzzy"
    if not filled(message):
        yield "empty"
        return
    source = message.id[-1] if isinstance(message.id, list | tuple) else message.id
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    for form in forms:
        if sorted(set(PLACEHOLDER.findall(form))) != sorted(set(PLACEHOLDER.findall(source))):
            yield f"placeholders differ in {form!r}"
        if form.startswith("\n") != source.startswith("\n") or form.endswith("\n") != source.endswith("\n"):
            yield f"line breaks at the ends differ in {form!r}"


def _key(message: Message) -> str:
    """Return the singular msgid."""
    return message.id[0] if isinstance(message.id, list | tuple) else message.id


def main() -> int:
    """Run one of the commands."""
    command, *words = sys.argv[1:] or [""]
    if command in ("extract", "sync"):
        save(update())
    elif command == "merge" and words:
        print("\n".join(merge([Path(word) for word in words])) or "merged")
    elif command not in ("compile", "check"):
        print(__doc__, file=sys.stderr)
        return 2
    if command in ("compile", "sync"):
        catalogue.compile_all(ROOT)
    found = list(problems())
    if found and command != "compile":
        print("\n".join(found))
    return 1 if found and command == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
