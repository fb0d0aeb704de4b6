"""What this product changes about allauth's sign-in: nobody registers himself."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedDoor(DefaultAccountAdapter):
    """Accounts come from the organisation (one-time links), never from a public registration page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse public registration."""
        return False
