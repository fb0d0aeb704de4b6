"""Log lines, as text or as JSON objects one a line; whatever looks like a secret is struck out of both."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "taskName"}
STRUCK = "•••"
NAMED = re.compile(r"passw|secret|token|authorization|cookie|credential|api_?key", re.IGNORECASE)
"""What a field is called that nobody should read."""
SECRETS = (
    (re.compile(r"\bxg_[A-Za-z0-9_-]{8,}"), STRUCK),  # access tokens
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {STRUCK}"),
    (re.compile(r"(/welcome/)[A-Za-z0-9_-]{8,}"), rf"\1{STRUCK}"),  # one-time links
    (re.compile(r"(?i)([a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s@]+@"), rf"\1{STRUCK}@"),  # addresses with a password
    (re.compile(r"(?i)((?:passw\w*|secret|token|sessionid|csrf\w*|api_?key|access_key|sign)[\"']?\s*[=:]\s*[\"']?)"
                r"[^\s\"'&,;)}]+"), rf"\1{STRUCK}"),
)  # fmt: skip


def strike(text: str) -> str:
    """A text without what looks like a secret."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _bare(value: Any) -> Any:
    """The same for what `extra=` carried, to any depth."""
    if isinstance(value, str):
        return strike(value)
    if isinstance(value, dict):
        return {key: STRUCK if NAMED.search(str(key)) else _bare(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(one) for one in value]
    return value if isinstance(value, int | float | bool | None) else strike(str(value))


class TextFormatter(logging.Formatter):
    """The line for people, with the number of the request at its end."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and a trace below it."""
        line = super().format(record)
        number = getattr(record, "request_id", "")
        return strike(f"{line} [{number}]" if number else line)


class JsonFormatter(logging.Formatter):
    """Writes time, level, logger, message and whatever ``extra=`` carried."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": strike(record.getMessage()),
        }
        line |= _bare({key: value for key, value in vars(record).items() if key not in PLAIN})
        if record.exc_info:
            line["trace"] = strike(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
