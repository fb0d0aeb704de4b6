"""The language of a request: the person's own choice, then the cookie, then what the browser asks for."""

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class PersonLocaleMiddleware(LocaleMiddleware):
    """Django's language choice, with the signed-in person's preference before cookie and browser."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language for this request."""
        preferred = getattr(request.user, "language", "")
        if preferred and translation.check_for_language(preferred):
            translation.activate(preferred)
            request.LANGUAGE_CODE = translation.get_language()
            return
        super().process_request(request)
