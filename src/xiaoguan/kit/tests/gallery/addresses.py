"""The addresses the frame looks for, so that the gallery needs no app."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def nothing(request: HttpRequest) -> HttpResponse:
    """An empty answer."""
    return HttpResponse()


NAMES = """search inbox inbox_count account_login account_logout account_change_password set_language me""".split()
urlpatterns = [path(f"{name}/", nothing, name=name) for name in NAMES]
