"""The command line ``xiaoguan``: every module of ``config/commands`` is one subcommand, found by its file name.

Exit codes: 0 done, 1 refused with the reason on stderr, 2 wrong usage.
"""

import argparse
import ast
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from xiaoguan import __version__
from xiaoguan.config.refused import Refused
from xiaoguan.kit.errors import KitError, Refusal

COMMANDS = Path(__file__).parent / "commands"
RARELY = (50_000, 20, 50)
"""Objects made before garbage is looked for, and how many such looks go before one at what is older."""


def names() -> list[str]:
    """Return the subcommands; a module ``import_.py`` (a reserved word) is the command ``import``."""
    return sorted(path.stem.rstrip("_") for path in COMMANDS.glob("*.py") if path.stem != "__init__")


def purpose(name: str) -> str:
    """Return the first line of a command's docstring, read without importing the command (and with it the models)."""
    path = next(path for path in COMMANDS.glob("*.py") if path.stem.rstrip("_") == name)
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def usage() -> str:
    """Return the overview that ``xiaoguan --help`` prints."""
    width = max(len(name) for name in [*names(), "manage"])
    lines = [f"  {name:{width}}  {purpose(name)}" for name in names()]
    lines.append(f"  {'manage':{width}}  Run one of Django's own commands, for example: xiaoguan manage shell")
    head = [f"Xiaoguan {__version__}", "", "usage: xiaoguan COMMAND [...]", ""]
    return "\n".join([*head, *lines, "", "See also: xiaoguan COMMAND --help"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code."""
    # Modules, models and registries stay: looking through them for garbage again and again is a fifth of the start.
    gc.set_threshold(*RARELY)
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    if not words or words[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        print(__version__)
        return 0
    if words[0] == "manage":
        execute_from_command_line(["xiaoguan manage", *words[1:]])
        return 0
    if words[0] not in names():
        return _say(f"xiaoguan has no command {words[0]!r}; it has: {', '.join(names())}", 2)
    return _run(words[0], words[1:])


def _run(name: str, words: list[str]) -> int:
    """Start Django, import the command's module and run it, turning refusals into exit code 1."""
    try:
        django.setup()
        stem = name if (COMMANDS / f"{name}.py").exists() else f"{name}_"
        command = importlib.import_module(f"xiaoguan.config.commands.{stem}")
        parser = argparse.ArgumentParser(prog=f"xiaoguan {name}", description=command.__doc__)
        command.arguments(parser)
        return command.run(parser.parse_args(words)) or 0
    except Refusal as refusal:
        return _say(f"{refusal.title} {refusal.cause}", 1)
    except (Refused, KitError, ImproperlyConfigured) as reason:
        return _say(str(reason), 1)
    except OperationalError as error:
        return _say(f"The database cannot be used: {error}".strip(), 1)
    except KeyboardInterrupt:
        return _say("Stopped.", 1)


def _say(sentence: str, code: int) -> int:
    """Write a sentence to stderr and return the exit code."""
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
