"""Sending a short neutral message: mail over SMTP, text messages through a gateway over HTTP, or a file for trying out."""

import asyncio
import json
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiohttp

SECONDS = 20
EMAIL, PHONE = "email", "phone"


class NotSent(Exception):
    """`again`: the message was certainly not taken, so that trying once more can't make it two."""

    def __init__(self, reason: str, again: bool) -> None:
        super().__init__(reason)
        self.reason, self.again = reason, again


@dataclass(frozen=True)
class Message:
    """`id` is the same for the same reminder, so that a receiver can see a double."""

    id: str
    to: str
    subject: str
    text: str
    at: datetime


class Messenger(Protocol):
    async def send(self, message: Message) -> None:
        """Raises NotSent."""


@dataclass(frozen=True)
class SmtpMessenger:
    """`address` is smtp://[user:word@]host[:port] (STARTTLS when the server offers it) or smtps://…; `sender` a bare address."""

    address: str
    sender: str

    async def send(self, message: Message) -> None:
        await asyncio.to_thread(self._send, message)

    def _send(self, message: Message) -> None:
        mail = self._written(message)
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(type(error).__name__, again=True) from error
        try:
            server.send_message(mail, self.sender, [message.to])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError, smtplib.SMTPHeloError) as error:
            raise NotSent(type(error).__name__, again=_is_passing(error)) from error  # the server said no: it has not taken it
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(type(error).__name__, again=False) from error  # it may have
        finally:
            _hang_up(server)

    def _connected(self) -> smtplib.SMTP:
        place = urlsplit(self.address)
        secure, host = place.scheme == "smtps", place.hostname or ""
        if secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, place.port or 465, timeout=SECONDS, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, place.port or 25, timeout=SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        return server

    def _written(self, message: Message) -> EmailMessage:
        try:
            return self._mail(message)
        except ValueError as error:  # a line break in a header: somebody would write headers of their own
            raise NotSent(type(error).__name__, again=False) from error

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, message.to, message.subject
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.id}@{self.sender.rpartition('@')[2]}>" if message.id else make_msgid()
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail


def _is_passing(error: Exception) -> bool:
    codes = [code for code, _ in error.recipients.values()] if isinstance(error, smtplib.SMTPRecipientsRefused) else [getattr(error, "smtp_code", 0)]
    return all(400 <= code < 500 for code in codes)


def _hang_up(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


@dataclass(frozen=True)
class SmsGateway:
    """POST {to, from, text, id} as JSON with a bearer token, the shape most gateways take or a small adapter can."""

    address: str
    token: str
    sender: str

    async def send(self, message: Message) -> None:
        body = {"to": message.to, "from": self.sender, "text": message.text, "id": message.id}
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": message.id}
        try:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.post(self.address, json=body, headers=headers) as answer:
                if answer.status >= 300:
                    raise NotSent(f"status {answer.status}", again=answer.status in (429, 503))
        except aiohttp.ClientConnectorError as error:
            raise NotSent(type(error).__name__, again=True) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSent(type(error).__name__, again=False) from error


@dataclass(frozen=True)
class FileOutbox:
    """For trying out: a file a message. Never in production, since it is plain text."""

    folder: Path

    async def send(self, message: Message) -> None:
        await asyncio.to_thread(self._write, message)

    def _write(self, message: Message) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        body = {"to": message.to, "subject": message.subject, "text": message.text}
        (self.folder / f"{message.id}.json").write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
