"""Mails: one connection for many, and what a mail server's refusals mean in words."""

from __future__ import annotations

import smtplib
import socket
import ssl
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.notices.models import Message
from xiaoguan.kit import outbound

outbound.REASONS |= {
    "mail_login": _("The mail server does not accept the user name or the password."),
    "mail_box": _("The mail server does not take mail for this address: %(detail)s"),
    "mail_refused": _("The mail server refused: %(detail)s"),
    "mail_broke": _("The mail server broke off the conversation."),
    "mail_slow": _("The mail server does not answer within the time allowed."),
    "mail_secure": _("The secure connection to the mail server failed."),
    "mail_name": _("The name of the mail server is not known."),
    "mail_away": _("The mail server can't be reached."),
    "mail_words": _("This mail can't be written: %(detail)s"),
    "mail_none": _("No mail server is set up; an administrator does that."),
    "mail_address": _("Your profile has no e-mail address."),
}


class Away(outbound.Unreachable):
    """The server as a whole does not take mails now: no use in trying the next one."""


class Refused(outbound.Unreachable):
    """This mail is refused; `final` when another attempt would be refused too."""

    def __init__(self, code: str, detail: Any = "", *, final: bool) -> None:
        super().__init__(code, detail)
        self.final = final


def server() -> str:
    """The public address of this installation, for links in mails."""
    if settings.PUBLIC:
        return f"{settings.PUBLIC.scheme}://{settings.PUBLIC.netloc}"
    return f"http://{settings.SERVE_HOST}:{settings.SERVE_PORT}"


def build(message: Message, connection: Any = None) -> EmailMultiAlternatives:
    """The mail of a message; every attempt carries the same Message-ID, so that a mailbox can tell a repeat."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [message.address],
        connection=connection,
        headers={
            "Message-ID": f"<{message.uid}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{server()}{reverse('inbox_settings')}>",
        },
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


class Post:
    """One visit to the mail server: `send` opens the connection with the first mail, `close` ends it."""

    def __init__(self) -> None:
        self._connection: Any = None

    def send(self, message: Message) -> None:
        """Hand one mail over; raises Away or Refused."""
        try:
            if self._connection is None:
                self._connection = get_connection()
                self._connection.open()
            build(message, self._connection).send()
        except Exception as error:
            self.close()
            raise said(error) from error

    def close(self) -> None:
        """End the visit, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except (OSError, smtplib.SMTPException):
                return


def said(error: Exception) -> Away | Refused:
    """What a failure means for the rest of the visit."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (550, b""))
        return Refused("mail_box", _plain(text), final=500 <= code < 600)
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(error, smtplib.SMTPAuthenticationError):
        detail = f"{error.smtp_code} {_plain(error.smtp_error)}"
        if error.smtp_code == 421:
            return Away("mail_refused", detail)
        return Refused("mail_refused", detail, final=500 <= error.smtp_code < 600)
    for kind, reason in AWAY.items():
        if isinstance(error, kind):
            return Away(reason)
    return Refused("mail_words", error, final=True)


AWAY: dict[type[Exception], str] = {
    smtplib.SMTPAuthenticationError: "mail_login",
    smtplib.SMTPException: "mail_broke",
    TimeoutError: "mail_slow",
    ssl.SSLError: "mail_secure",
    socket.gaierror: "mail_name",
    OSError: "mail_away",
}
"""What a failure says about the server, the narrower before the wider."""


def _plain(text: bytes | str) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))[:200]
