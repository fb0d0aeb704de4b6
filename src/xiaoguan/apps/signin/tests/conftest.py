"""What holds for every test of sign-in."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _fresh_codes() -> None:
    """Codes used up by other tests are good again."""
    cache.clear()
