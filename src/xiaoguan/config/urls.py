"""All addresses: health and language here; every app that has a ``urls`` module adds its own pages."""

from importlib.util import find_spec

from django.apps import apps
from django.urls import include, path

from xiaoguan.config import doctor_page, health, language
from xiaoguan.kit.pages.answers import page

own = [config.name for config in apps.get_app_configs() if config.name.startswith("xiaoguan.")]

handler400 = "xiaoguan.config.faults.bad_request"
handler403 = "xiaoguan.config.faults.denied"
handler404 = "xiaoguan.config.faults.not_found"
handler500 = "xiaoguan.config.faults.failed"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("operation/doctor/", page(doctor_page.doctor), name="doctor"),
    path("i18n/setlang/", language.choose, name="set_language"),
    # The kit comes last: its patterns are derived from the entities, and a page written by hand goes before.
    *(path("", include(f"{name}.urls")) for name in reversed(own) if find_spec(f"{name}.urls")),
]
