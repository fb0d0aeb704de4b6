"""The history of merged records: what was merged into one, and what happened to it before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.merging.actions import NOTED
from xiaoguan.apps.merging.queries import parts
from xiaoguan.kit import history
from xiaoguan.kit.timeline import Item


@history.tell("*", NOTED)
def tell(reader: history.Reader, before: Any, after: Any) -> Iterable[history.Difference]:
    """The names of the records that were merged into this one, or that are apart again."""
    yield history.Difference(NOTED, _("Merged records"), _names(before), _names(after))


def _names(named: Any) -> SafeString:
    if not named:
        return SafeString(history.NOTHING)
    return format_html_join(_(", "), "{}", ((name,) for name in named.values()))


def entries(
    model: type[models.Model], ids: Sequence[int], actor: Any, limit: int, before: dt.datetime | None
) -> Iterator[Item]:
    """The changes of some records and of all that were merged into them."""
    every = [*ids, *parts(model._meta.label_lower, ids)]
    yield from history.entries(model, every, actor, limit, before)
