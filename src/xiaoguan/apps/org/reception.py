"""People who come by the API join like everybody else, with the roles that their position brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xiaoguan.api.writing import made_by
from xiaoguan.apps.org.actions import Joiner, join
from xiaoguan.apps.org.models import Person

OWN = ("name", "username", "position")


@made_by(Person)
def join_by_api(values: Mapping[str, Any], actor: Any) -> Person:
    """Put a person on the books; who sends no position gives no roles."""
    own = {name: values[name] for name in OWN if name in values}
    rest = {name: value for name, value in values.items() if name not in OWN}
    return join(Joiner(**own, values=rest), actor=actor, source="api")
