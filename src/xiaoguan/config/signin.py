"""What this product changes about allauth's sign-in: nobody registers himself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from xiaoguan.config.commands.demo import logins


class ClosedDoor(DefaultAccountAdapter):
    """Accounts come from the organisation (one-time links), never from a public registration page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse public registration."""
        return False


def demo(request: HttpRequest) -> dict[str, Any]:
    """Context processor: whom a visitor of the demonstration company may sign in as; asked only by the sign-in page."""
    return {"demo_logins": logins}
