"""Messages by mail, as actions: the tenant's approved words, sent once.

The words are the texts ``mail.<message>.subject`` and ``mail.<message>.body`` in the language that the action names,
filled with its arguments and, where they have a place for it, with a one-time ``{code}``.

The standard library's client is used, in threads of its own: SMTP is a dozen short lines, a message takes milliseconds,
and what matters is to know exactly how far it came, which the blocking client tells line by line. Until the message is
under way (RFC 5321, section 4.1.1.4: with DATA) nothing was sent, whatever goes wrong; from then on, with no answer,
nobody knows (RFC 1047). Its Message-ID is made of the idempotency key, so that two of one can be told for one.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from urllib.parse import SplitResult, unquote, urlsplit

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Succeeded, Unknown
from dialog.actions.codes import OneTimeCodes
from dialog.errors import TenantDialogInvalid
from dialog.templates import Templates, places

AT_ONCE = 8
"""Messages that are sent at once; further ones are refused at once, for their time would run out in a queue."""

PORTS = {"smtp": 25, "smtps": 465}
CODE = "code"
"""The place of a text that a one-time code is made for."""
FOR = "customer"
"""The argument that names whom a code is for; without it, the address."""
SENDER = "mail.sender"
_FINE = 250
_WILL_DELIVER = frozenset({_FINE, 251})
_PASSING, _FINAL = range(400, 500), range(500, 600)
_NO_TIME_LEFT = 421
"""What a server says that closes (RFC 5321, section 4.2.3); here it is we who do."""


class SmtpActions:
    """Sends messages. ``overrides`` maps a service's id to another URL, which is where passwords belong."""

    def __init__(
        self, texts: Mapping[str, Templates], codes: OneTimeCodes, overrides: Mapping[str, str] | None = None
    ) -> None:
        self._texts = texts
        self._codes = codes
        self._overrides = dict(overrides or {})
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="mail")
        self._sending = 0

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Send a message within the action's time. Every failure comes back as an outcome; nothing is raised."""
        if self._sending >= AT_ONCE:
            return Failed(FailureKind.UNAVAILABLE, "too much mail is being sent", attempts=0)
        try:
            message = self._written(action, arguments, key)
        except (TenantDialogInvalid, MessageError, LookupError, ValueError) as error:
            return Failed(FailureKind.INVALID, f"{action.path} cannot be written: {error}", attempts=0)
        server = urlsplit(self._overrides.get(action.service.id, action.service.url))
        delivery = Delivery(server, message, action.timeout)
        self._sending += 1
        posted = asyncio.get_running_loop().run_in_executor(self._threads, delivery.run)
        posted.add_done_callback(self._sent)
        try:
            async with asyncio.timeout(action.timeout):
                outcome = await asyncio.shield(posted)
        except TimeoutError:
            return delivery.give_up(action.timeout)
        return Succeeded({"sent": key}) if isinstance(outcome, Succeeded) else outcome

    async def close(self) -> None:
        """End the threads, each of which ends with its connection's time at the latest."""
        await asyncio.to_thread(self._threads.shutdown)

    def _sent(self, posted: asyncio.Future[Outcome]) -> None:
        self._sending -= 1

    def _written(self, action: Action, arguments: Mapping[str, object], key: str) -> EmailMessage:
        texts, recipient = self._texts[str(arguments["language"])], str(arguments["to"])
        recipient.encode("ascii")  # others need SMTPUTF8 (RFC 6531), which few servers speak
        subject, body = (f"mail.{action.path}.{part}" for part in ("subject", "body"))
        values = dict(arguments)
        if any(name == CODE for part in (subject, body) for text in texts.texts[part] for name, _ in places(text)):
            values[CODE] = self._codes.issue(key, str(arguments.get(FOR, recipient)))
        message = EmailMessage(policy=SMTP)
        message["From"] = texts.render(SENDER)
        message["To"] = Address(addr_spec=recipient)
        message["Subject"] = texts.render(subject, **values)
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{key}@{Address(addr_spec=message['From'].addresses[0].addr_spec).domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office notes
        message.set_content(texts.render(body, **values))
        return message


@dataclass(slots=True)
class Delivery:
    """One message on its way to one server, in a thread. Given up before it has departed, it departs no more."""

    server: SplitResult
    message: EmailMessage
    timeout: float
    _moving: threading.Lock = field(default_factory=threading.Lock)
    _departed: bool = False
    _given_up: bool = False

    def give_up(self, seconds: float) -> Outcome:
        """What it means that there was no answer for so long. From now on it does not depart."""
        with self._moving:
            self._given_up = True
            return self._lost(FailureKind.TIMED_OUT, f"no answer from {self.server.hostname} within {seconds:g} s")

    def run(self) -> Outcome:
        """Deliver it; blocks. Nothing is raised."""
        try:
            client = self._connected()
        except smtplib.SMTPResponseException as error:
            return self._answered(error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            return self._broken(error)
        try:
            return self._answered(self._deliver(client))
        except smtplib.SMTPResponseException as error:
            return self._answered(error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            return self._broken(error)
        finally:
            _leave(client)

    def _connected(self) -> smtplib.SMTP:
        host, port = self.server.hostname or "", self.server.port or PORTS[self.server.scheme]
        context = ssl.create_default_context()
        if self.server.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self.timeout, context=context)
        else:
            client = smtplib.SMTP(host, port, timeout=self.timeout)
        try:
            self._greet(client, context)
        except (OSError, smtplib.SMTPException):
            client.close()
            raise
        return client

    def _greet(self, client: smtplib.SMTP, context: ssl.SSLContext) -> None:
        client.ehlo_or_helo_if_needed()
        secure = self.server.scheme == "smtps"
        if not secure and client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
            secure = True
        if self.server.username is None:
            return
        if not secure:
            raise smtplib.SMTPNotSupportedError("a password is not sent over a line that anybody can read")
        client.login(unquote(self.server.username), unquote(self.server.password or ""))

    def _deliver(self, client: smtplib.SMTP) -> int:
        """The server's last answer: 250 for a message that it has taken."""
        sender, recipient = (self.message[name].addresses[0].addr_spec for name in ("From", "To"))
        code, _ = client.mail(sender)
        if code == _FINE:
            code, _ = client.rcpt(recipient)
        if code not in _WILL_DELIVER:
            return code
        with self._moving:
            if self._given_up:
                return _NO_TIME_LEFT
            self._departed = True
        code, _ = client.data(self.message.as_bytes())
        return code

    def _answered(self, code: int) -> Outcome:
        """What an answer means. Only its code is kept: servers quote addresses."""
        detail = f"the mail server answered {code}"
        if code == _FINE and self._departed:
            return Succeeded({})
        if code in _PASSING:
            return Failed(FailureKind.UNAVAILABLE, detail)
        return Failed(FailureKind.REJECTED, detail) if code in _FINAL else self._lost(FailureKind.MALFORMED, detail)

    def _broken(self, error: OSError | smtplib.SMTPException) -> Outcome:
        kind = FailureKind.TIMED_OUT if isinstance(error, TimeoutError) else FailureKind.UNAVAILABLE
        return self._lost(kind, f"{self.server.hostname} broke off: {error!r}")

    def _lost(self, kind: FailureKind, detail: str) -> Outcome:
        return Unknown(detail) if self._departed else Failed(kind, detail)


def _leave(client: smtplib.SMTP) -> None:
    """Say goodbye and go: whatever is answered to that changes nothing."""
    with suppress(OSError, smtplib.SMTPException):
        client.putcmd("quit")
    client.close()
