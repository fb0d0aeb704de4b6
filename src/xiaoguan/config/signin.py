"""What the sign-in page of the demonstration company offers."""

from typing import Any

from django.http import HttpRequest

from xiaoguan.config.commands.demo import logins


def demo(request: HttpRequest) -> dict[str, Any]:
    """Context processor: whom a visitor of the demonstration company may sign in as; asked only by the sign-in page."""
    return {"demo_logins": logins}
