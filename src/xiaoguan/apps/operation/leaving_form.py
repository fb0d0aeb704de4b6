"""The form that ends the demonstration: what the company is called, and who its administrator really is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.operation import queries
from xiaoguan.apps.org import passwords
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import company
from xiaoguan.kit.action import update
from xiaoguan.kit.errors import Invalid

BOX = {"class": "form-control"}
NEW = {**BOX, "autocomplete": "new-password"}


class LeavingForm(forms.Form):
    """The company's name; from an administrator of the demonstration also his own, and a password of his own."""

    company = forms.CharField(
        label=_("Name of your company"), max_length=120, widget=forms.TextInput({**BOX, "autocomplete": "organization"})
    )
    name = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput({**BOX, "autocomplete": "name"}))
    username = forms.CharField(
        label=_("Your user name"), max_length=80, widget=forms.TextInput({**BOX, "autocomplete": "username"})
    )
    password = forms.CharField(label=_("New password"), strip=False, widget=forms.PasswordInput(NEW))
    again = forms.CharField(label=_("The same once more"), strip=False, widget=forms.PasswordInput(NEW))

    def __init__(self, data: Any = None, *, heir: Person) -> None:
        self.heir = heir
        came = queries.came_along(Person).filter(object_id=heir.pk).exists()
        super().__init__(data, initial={"name": heir.name, "username": heir.username})
        if not came:
            del self.fields["name"], self.fields["username"]
        if not queries.shows_its_password(heir):
            del self.fields["password"], self.fields["again"]
        else:
            self.fields["password"].help_text = _("The one of the demonstration is known to everybody.")

    def clean_company(self) -> str:
        """It is not the demonstration's."""
        name = str(self.cleaned_data["company"]).strip()
        if name == company().name:
            raise forms.ValidationError(_("This is the demonstration's name. Type your own."))
        return name

    def clean_password(self) -> str:
        """As good as the company's rules want it."""
        text = str(self.cleaned_data["password"])
        validate_password(text, self.heir)
        return text

    def clean_again(self) -> str:
        """Both must be equal."""
        if self.cleaned_data.get("password") not in (None, self.cleaned_data["again"]):
            raise forms.ValidationError(_("The two passwords differ."))
        return str(self.cleaned_data["again"])

    def introduce(self, session_key: str | None) -> Person:
        """Store who the administrator is; other devices of his are signed out with the old password. Raises Invalid."""
        heir = Person.objects.get(pk=self.heir.pk)
        values = {name: self.cleaned_data[name].strip() for name in ("name", "username") if name in self.fields}
        if values:
            update(heir, values, actor=heir)
        if "password" in self.fields:
            passwords.store(heir, self.cleaned_data["password"], but=session_key)
        return heir

    def take(self, problem: Invalid) -> None:
        """Show what could not be stored beside its field."""
        for name, texts in problem.errors.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)
