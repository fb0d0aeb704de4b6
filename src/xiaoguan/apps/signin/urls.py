"""Addresses of sign-in: allauth's by the names it asks for, and ours."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from django.views.generic import RedirectView

from xiaoguan.apps.signin import pages, views, ways
from xiaoguan.kit.pages.answers import page
from xiaoguan.kit.pages.confirming import confirmed_within

BOTH, POST = ("GET", "POST"), ("POST",)
home = RedirectView.as_view(url="/me/#sign-in")
fresh = confirmed_within(600)

ours = [
    path("settings/sign-in/", page(pages.settings_page), name="settings"),
    path("settings/sign-in/new/", page(fresh(pages.way), methods=BOTH), name="new_way"),
    path("settings/sign-in/<int:pk>/", page(fresh(pages.way), methods=BOTH), name="way"),
    path("settings/sign-in/<int:pk>/remove/", page(fresh(pages.remove_way), methods=POST), name="remove_way"),
    path("settings/sign-in/locks/<int:pk>/lift/", page(pages.lift, methods=POST), name="lift"),
    path("people/<int:pk>/sessions/end/", page(pages.end_sessions, methods=POST), name="end_sessions"),
    path("people/<int:pk>/factors/reset/", page(fresh(pages.reset_factors), methods=POST), name="reset_factors"),
    path("accounts/devices/end/", page(pages.end_devices, methods=POST), name="end_devices"),
    path("accounts/linked/<int:pk>/remove/", page(fresh(pages.unlink), methods=POST), name="unlink"),
]

urlpatterns = [
    # Passwords come by one-time link: registration is closed, and nothing is sent or changed by e-mail.
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/password/change/", login_required(views.change_password), name="account_change_password"),
    path("accounts/password/set/", page(fresh(account.password_set), methods=BOTH), name="account_set_password"),
    path("accounts/reauthenticate/", login_required(views.confirm_by_password), name="account_reauthenticate"),
    path("accounts/2fa/", home, name="mfa_index"),
    path("accounts/2fa/needed/", page(pages.factor_needed), name="factor_needed"),
    path("accounts/2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", views.confirm_by_code, name="mfa_reauthenticate"),
    path("accounts/2fa/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("accounts/2fa/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/2fa/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/2fa/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/passkeys/", home, name="mfa_list_webauthn"),
    path("accounts/passkeys/login/", views.passkey_sign_in, name="mfa_login_webauthn"),
    path("accounts/passkeys/add/", views.add_passkey, name="mfa_add_webauthn"),
    path("accounts/passkeys/confirm/", views.confirm_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("accounts/passkeys/<int:pk>/name/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("accounts/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("accounts/cancelled/", ways.cancelled, name="socialaccount_login_cancelled"),
    path("accounts/with/<slug:name>/", ways.start, name="way_start"),
    path("accounts/with/<slug:name>/back/", ways.back, name="way_back"),
    path("", include((ours, "signin"))),
]
