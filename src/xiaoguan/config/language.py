"""The language of a request: the person's own choice, then the cookie, then what the browser asks for."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from xiaoguan.apps.org.actions import prefer
from xiaoguan.apps.org.models import Person


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


@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """Keep a language for this browser, and for the person who is signed in; then go back to where he was."""
    code = request.POST.get("language", "")
    person = Person.objects.filter(pk=request.user.pk).first()
    if person is not None and person.language != code and translation.check_for_language(code):
        prefer(person, actor=person, language=code)
    return set_language(request)
