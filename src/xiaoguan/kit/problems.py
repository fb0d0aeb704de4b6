"""Sentences for the codes of unreadable values; they say what to type instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "ambiguous": _("This can be read in more than one way. Type a date such as 2026-11-27."),
    "not_a_choice": _("Choose one of the list."),
    "not_a_date": _("Type a date such as 2026-11-27."),
    "not_a_file": _("There is no file of this name, or more than one. Choose it from your computer."),
    "not_a_number": _("Type a number such as 12500 or 1.25."),
    "not_a_phone": _("Type a phone number such as 138 1234 5678."),
    "not_a_place": _("Type a province, a city or a district, with the city where its name is not the only one."),
    "not_a_record": _("Choose one of the list; this one isn't there or isn't visible to you."),
    "not_a_time": _("Type a time such as 9:30."),
    "not_text": _("Type a text."),
    "not_whole": _("Type a whole number."),
    "not_yes_or_no": _("Choose yes or no."),
    "out_of_range": _("This is out of range."),
    "required": _("This is needed."),
    "too_fine": _("This has more decimals than the field keeps."),
    "too_large": _("This number is too large."),
    "too_long": _("This is too long."),
}
BY_KIND = {
    "date": "not_a_date",
    "moment": "not_a_date",
    "time": "not_a_time",
    "choices": "not_a_choice",
    "phone": "not_a_phone",
    "file": "not_a_file",
    "number": "not_a_number",
    "money": "not_a_number",
    "percent": "not_a_number",
    "choice": "not_a_choice",
    "link": "not_a_record",
    "person": "not_a_record",
    "yesno": "not_yes_or_no",
}


def sentence(code: str, kind: str = "text") -> str:
    """What to say about an unreadable value of a kind."""
    found = SENTENCES.get(code) or SENTENCES.get(BY_KIND.get(kind, ""))
    return str(found or _("This can't be read."))
