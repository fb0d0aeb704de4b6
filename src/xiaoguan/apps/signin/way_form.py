"""The form of a way in."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount, SocialApp
from django import forms
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import company
from xiaoguan.apps.signin.adapters import encrypt
from xiaoguan.apps.signin.linking import applications
from xiaoguan.apps.signin.provider import KINDS
from xiaoguan.kit.action import Work

MATCHES = [("phone", _("Phone")), ("email", _("E-mail")), ("employee_no", _("Employee number"))]
ADDRESSES = ("server_url", "base", "authorize_base")
REST = ("base", "authorize_base", "employee_claim")
SETTINGS = (*ADDRESSES, "agent_id", "tenant", "employee_claim")


class WayForm(forms.Form):
    """What a company has registered at a provider; the secret is never shown again."""

    provider = forms.ChoiceField(label=_("Provider"), choices=[(each.id, each.name) for each in KINDS.values()])
    name = forms.CharField(label=_("Words on the button"), max_length=40)
    client_id = forms.CharField(label=_("Client ID, App Key or Corp ID"), max_length=191)
    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        max_length=120,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    server_url = forms.CharField(
        label=_("OpenID address"), required=False, help_text=_("For OpenID Connect, such as https://login.example.com")
    )
    agent_id = forms.CharField(label=_("Agent ID"), required=False, help_text=_("For WeCom."))
    tenant = forms.CharField(
        label=_("Company key"),
        required=False,
        help_text=_("Corp ID, tenant key or tenant: accounts of other companies are refused."),
    )
    match = forms.MultipleChoiceField(
        label=_("Find people by"),
        required=False,
        choices=MATCHES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what the provider has verified counts. With nothing ticked people link the account first."),
    )
    base = forms.CharField(label=_("Address of the interface"), required=False, help_text=_("For private deployments."))
    authorize_base = forms.CharField(label=_("Address of the sign-in page"), required=False)
    employee_claim = forms.CharField(
        label=_("Claim with the employee number"), required=False, help_text=_("For OpenID Connect.")
    )

    def __init__(self, data: Any = None, *, row: SocialApp | None = None) -> None:
        self.row = row
        start: dict[str, Any] = {}
        if row is not None:
            start = {"provider": row.provider, "name": row.name, "client_id": row.client_id, **row.settings}
        super().__init__(data, initial=start)
        if row is not None:
            self.fields["provider"].disabled = True
            self.fields["secret"].help_text = gettext("One is stored. Left empty it stays.")
        for field in self.fields.values():
            kind = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            if not isinstance(field, forms.MultipleChoiceField):
                field.widget.attrs.setdefault("class", kind)

    @property
    def first(self) -> list[forms.BoundField]:
        """What every way in needs."""
        return [field for field in self.visible_fields() if field.name not in REST]

    @property
    def rest(self) -> list[forms.BoundField]:
        """What few need."""
        return [self[name] for name in REST]

    @property
    def more_is_open(self) -> bool:
        """Whether something is in the rest, or wrong with it."""
        return any(field.value() or field.errors for field in self.rest)

    def clean(self) -> dict[str, Any]:
        """A provider needs what its protocol needs, over https unless it is on this machine."""
        data = super().clean() or {}
        kind = data.get("provider", "")
        if self.row is None and not data.get("secret"):
            self.add_error("secret", gettext("Type the secret the provider gave you."))
        if kind == "oidc" and not data.get("server_url"):
            self.add_error("server_url", gettext("Type the address under which the provider describes itself."))
        if kind == "wecom" and not data.get("agent_id"):
            self.add_error("agent_id", gettext("Type the number of the application in WeCom."))
        for name in ADDRESSES:
            if data.get(name) and not _private(data[name]):
                self.add_error(name, gettext("Type an address that begins with https://."))
        unvouched = [one for one in data.get("match") or [] if kind in KINDS and one not in KINDS[kind].matches]
        if unvouched:
            words = ", ".join(str(dict(MATCHES)[one]) for one in unvouched)
            self.add_error("match", gettext("This provider does not vouch for: %(what)s.") % {"what": words})
        return data

    def save(self, actor: Person) -> SocialApp:
        """Store it, the secret encrypted and in no history."""
        data = self.cleaned_data
        row = self.row or SocialApp(provider=data["provider"], provider_id=_free(data["provider"]))
        before = {"way_in": row.provider_id, "client_id": row.client_id, **row.settings} if self.row else {}
        row.name, row.client_id = data["name"], data["client_id"].strip()
        row.settings = {name: data[name].strip() for name in SETTINGS if data.get(name)} | {"match": data["match"]}
        if data.get("secret"):
            row.secret = encrypt(data["secret"])
        with transaction.atomic():
            row.save()
            work = Work(actor, "set_way_in", company()._meta.label_lower, undoable=False)
            after = {"way_in": row.provider_id, "client_id": row.client_id, **row.settings}
            work.note(company(), before, after | {"secret_changed": bool(data.get("secret"))})
            work.finish()
        return row


def _private(url: str) -> bool:
    """Whether nobody on the way can read what is sent there."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return True
    try:
        return parts.scheme == "http" and (
            parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
        )
    except ValueError:
        return False


def _free(kind: str) -> str:
    """A name for the addresses of this way in that no other has, nor accounts linked to a former one."""
    taken = {one.provider_id for one in applications()} | set(SocialAccount.objects.values_list("provider", flat=True))
    number = 1
    while (name := slugify(kind if number == 1 else f"{kind}-{number}")) in taken:
        number += 1
    return name
