"""What the list of tags says while it is empty."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration.models import Tag
from xiaoguan.kit.pages import emptiness

emptiness.teach(
    Tag,
    _(
        "Words people stick on customers, deals and other records, made while tagging. "
        "Here they are renamed and merged."
    ),
)
