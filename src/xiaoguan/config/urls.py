"""All addresses: health, sign-in and language here; every app that has a ``urls`` module adds its own pages."""

from importlib.util import find_spec

from allauth.account import views as account
from django.apps import apps
from django.urls import include, path

from xiaoguan.config import health, language

own = [config.name for config in apps.get_app_configs() if config.name.startswith("xiaoguan.")]

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    # Passwords come by one-time link: registration is closed, and nothing is sent or changed by e-mail.
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("i18n/setlang/", language.choose, name="set_language"),
    # The kit comes last: its patterns are derived from the entities, and a page written by hand goes before.
    *(path("", include(f"{name}.urls")) for name in reversed(own) if find_spec(f"{name}.urls")),
]
