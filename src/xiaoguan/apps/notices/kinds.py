"""Kinds of notices: each app declares, at import, what it may tell people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices.models.message import Channel
from xiaoguan.kit import job


@dataclass(frozen=True)
class Kind:
    """What may be told: its sentences get `actor`, `record`, `noun`, `count` and `text` by name.

    `one` speaks of one record, `many` of several. `aloud` is what a robot may tell a whole group;
    a kind without it stays between the product and the person. `channels` are on until somebody
    switches them off.
    """

    code: str
    label: Any
    icon: str
    one: Any
    many: Any
    aloud: Any = ""
    group: Any = ""
    channels: frozenset[str] = frozenset({Channel.INBOX})
    admin: bool = False
    timed: bool = False
    """Whether it comes regularly, at an hour that everybody may choose."""
    words: Callable[[str], str] = str
    """Makes the stored text readable in the reader's language (the label of a job from its code)."""


kinds: dict[str, Kind] = {}
"""Every declared kind by its code, in the order of declaration."""

WORK = _("Records and tasks")
TEAM = _("Team and targets")
SYSTEM = _("The system")


def job_words(code: str) -> str:
    """What a job does."""
    return str(job.kinds[code].label) if code in job.kinds else code


def declare(
    code: str,
    label: Any,
    *,
    icon: str = "bell",
    one: Any,
    many: Any = "",
    aloud: Any = "",
    group: Any = WORK,
    mail: bool = False,
    admin: bool = False,
    timed: bool = False,
    words: Callable[[str], str] = str,
) -> Kind:
    """Declare a kind; ValueError for a code taken twice. `admin` kinds are offered to administrators alone."""
    if code in kinds:
        raise ValueError(f"the notice {code} is declared twice")
    on = {str(Channel.INBOX), *([str(Channel.MAIL)] if mail else [])}
    kinds[code] = Kind(code, label, icon, one, many or one, aloud, group, frozenset(on), admin, timed, words)
    return kinds[code]


declare(
    "mentioned",
    _("Somebody mentions me"),
    icon="message-2",
    one=_("%(actor)s mentioned you at %(record)s: %(text)s"),
    many=_("%(actor)s mentioned you %(count)s times at %(noun)s"),
    mail=True,
)
declare(
    "lead",
    _("I lead a team"),
    icon="users",
    group=TEAM,
    one=_("%(actor)s put you in charge of %(record)s"),
    mail=True,
)
declare(
    "stand_in",
    _("I stand in for somebody"),
    icon="user-share",
    group=TEAM,
    one=_("%(actor)s made you the stand-in of %(text)s"),
    mail=True,
)
declare(
    "import_done",
    _("My import has ended"),
    icon="upload",
    group=SYSTEM,
    one=_("%(text)s is imported: %(count)s rows"),
)
declare(
    "import_failed",
    _("My import stopped"),
    icon="alert-triangle",
    group=SYSTEM,
    one=_("The import stopped: %(text)s"),
    mail=True,
)
declare(
    "export_done",
    _("My export is ready"),
    icon="download",
    group=SYSTEM,
    one=_("%(text)s is ready: %(count)s rows"),
)
declare(
    "export_failed",
    _("My export stopped"),
    icon="alert-triangle",
    group=SYSTEM,
    one=_("The export stopped: %(text)s"),
)
declare(
    "invited",
    _("Somebody used my one-time link"),
    icon="key",
    group=SYSTEM,
    one=_("%(actor)s used the one-time link and can sign in now"),
    admin=True,
)
declare(
    "job_failed",
    _("A background job failed"),
    icon="alert-triangle",
    group=SYSTEM,
    one=_("The job “%(text)s” failed"),
    many=_("%(count)s jobs failed, the last one is “%(text)s”"),
    aloud=_("The job “%(text)s” failed"),
    mail=True,
    admin=True,
    words=job_words,
)
