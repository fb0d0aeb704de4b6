"""Two addresses for load balancers: is the process alive, and may it be sent work."""

from django.db import connection
from django.db.utils import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from xiaoguan.config import schema

_migrated = False


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process serves requests; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database can be reached and its schema is the one of this version, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        ready = _schema_current()
    except Error as error:
        return HttpResponse(f"database: {type(error).__name__}\n", status=503, content_type="text/plain")
    if not ready:
        return HttpResponse("migrations are pending\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def _schema_current() -> bool:
    """Return whether all migrations are applied; once true it stays true for the life of the process."""
    global _migrated
    if not _migrated:
        _migrated = not schema.pending()
    return _migrated
