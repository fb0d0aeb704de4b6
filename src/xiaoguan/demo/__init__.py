"""The demonstration company: fictional, generated, built through the product's own actions.

Every name, number and place in it is made up; the same seed and last day give the same company.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from xiaoguan.demo import building
from xiaoguan.demo.staff import PASSWORD, WHO


def build(
    *, size: str = "small", seed: int = 1, until: date | None = None, report: Callable[[str], None] = lambda text: None
) -> None:
    """Fill an empty database: `small` (600 customers), `medium` (100,000 deals) or `large` (1,000,000 customers)."""
    building.build(size, seed, until, report)


def logins() -> list[tuple[str, str, str]]:
    """User name, password and part of the people a visitor may sign in as."""
    return [(username, PASSWORD, part) for username, part in WHO]
