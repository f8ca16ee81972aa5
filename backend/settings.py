"""Typed settings, read once from the environment. A bad value stops the start and names its fix."""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV_STATE = ROOT / ".run"


class BadSettings(Exception):
    """One or more settings are wrong; the text has a line for each with what to write instead."""


@dataclass(frozen=True)
class Settings:
    """Everything the backend needs from outside. Each field is set by `INDGANG_` + its name in capitals."""

    production: bool
    host: str
    port: int
    public_url: str
    database_url: str
    master_key: bytes
    service_token: str
    rasa_url: str
    content_dir: Path
    embed_origins: tuple[str, ...]
    reply_deadline_seconds: float
    reply_cap_seconds: float
    keep_conversation_hours: int
    keep_enquiry_days: int
    trusted_proxies: int
    questions_per_minute: int
    demo_always_open: bool
    video_link: str
    smtp_url: str
    mail_from: str
    sms_url: str
    sms_token: str
    sms_from: str
    outbox_dir: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_claim: str
    oidc_name: str

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


DEFAULTS = {
    "production": ("0", "1 switches off demo content and demo logins and refuses default secrets"),
    "host": ("127.0.0.1", "address the backend listens on"),
    "port": ("8000", "port the backend listens on"),
    "public_url": ("http://127.0.0.1:8000", "the address visitors see, without a trailing slash"),
    "database_url": (f"sqlite+aiosqlite:///{DEV_STATE / 'indgang.sqlite3'}", "SQLAlchemy URL; postgresql+asyncpg://… in production"),
    "master_key": ("", "32 random bytes in base64; wraps every conversation's key and must live outside the database"),
    "service_token": ("", "shared secret between backend, action server and Rasa"),
    "rasa_url": ("http://127.0.0.1:5005", "where Rasa listens, on an internal address"),
    "content_dir": (str(ROOT / "municipalities"), "folder with the municipalities' content"),
    "embed_origins": ("", "pages that may embed the chat, separated by spaces"),
    "reply_deadline_seconds": ("4", "after this a guest is told that the bot is slow and what to do instead"),
    "reply_cap_seconds": ("20", "after this an answer from Rasa is given up for good"),
    "keep_conversation_hours": ("24", "an idle conversation without an enquiry is erased after this, or after what the channels promise if that is sooner"),
    "keep_enquiry_days": ("30", "an answered enquiry or kept appointment is erased after this, or after what is promised if that is sooner"),
    "questions_per_minute": ("40", "how often one guest may ask the bot; the safety screen is never limited"),
    "demo_always_open": ("0", "1 lets hosts answer at any hour, for trying it out at night; refused in production"),
    "video_link": ("", "address of a video room with {room} in it, e.g. https://video.example/{room}; empty: the host sends a link"),
    "smtp_url": ("", "mail server for reminders, smtp://user:word@host:587 or smtps://…; empty: no mail is sent"),
    "mail_from": ("", "the address reminders are sent from"),
    "sms_url": ("", "https:// address of a text message gateway that takes {to, from, text, id}; empty: no texts are sent"),
    "sms_token": ("", "bearer token of the text message gateway"),
    "sms_from": ("Aftale", "the name text messages come from, at most 11 letters"),
    "outbox_dir": ("", "folder that takes reminders instead of a real provider, for trying out; refused in production"),
    "oidc_issuer": ("", "https:// address of the hosts' OpenID Connect provider; empty: hosts sign in with name, word and code only"),
    "oidc_client_id": ("", "what the provider calls us"),
    "oidc_client_secret": ("", "our secret at the provider"),
    "oidc_claim": ("preferred_username", "the claim in the ID token that is the host's username here"),
    "oidc_name": ("kommunens login", "what the provider is called on the button, after «Log ind med»"),
    "trusted_proxies": ("0", "number of reverse proxies in front of the backend"),
}


OIDC = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_claim", "oidc_name")


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `INDGANG_*`. Raises `BadSettings` listing every fault at once."""
    env = os.environ if environment is None else environment
    raw = {name: env.get(f"INDGANG_{name.upper()}", default) for name, (default, _) in DEFAULTS.items()}
    faults: list[str] = []
    settings = Settings(
        production=raw["production"] in ("1", "true", "yes"),
        host=raw["host"],
        port=_whole(raw, "port", faults),
        public_url=raw["public_url"].rstrip("/"),
        database_url=raw["database_url"],
        master_key=_key(raw["master_key"], faults),
        service_token=raw["service_token"],
        rasa_url=raw["rasa_url"].rstrip("/"),
        content_dir=Path(raw["content_dir"]),
        embed_origins=tuple(raw["embed_origins"].split()),
        reply_deadline_seconds=_number(raw, "reply_deadline_seconds", faults),
        reply_cap_seconds=_number(raw, "reply_cap_seconds", faults),
        keep_conversation_hours=_whole(raw, "keep_conversation_hours", faults),
        keep_enquiry_days=_whole(raw, "keep_enquiry_days", faults),
        trusted_proxies=_whole(raw, "trusted_proxies", faults),
        demo_always_open=raw["demo_always_open"] in ("1", "true", "yes"),
        **{name: raw[name] for name in ("video_link", "smtp_url", "mail_from", "sms_url", "sms_token", "sms_from", "outbox_dir", *OIDC)},
        questions_per_minute=_whole(raw, "questions_per_minute", faults),
    )
    faults += _contradictions(settings)
    if faults:
        raise BadSettings("\n".join(faults))
    return settings


def _contradictions(settings: Settings) -> list[str]:
    faults = []
    if len(settings.service_token) < 16:
        faults.append("INDGANG_SERVICE_TOKEN must be at least 16 characters. `make run` writes one to .env.")
    if not settings.content_dir.is_dir():
        faults.append(f"INDGANG_CONTENT_DIR: {settings.content_dir} is not a folder.")
    if settings.database_url.startswith("postgresql://"):
        faults.append("INDGANG_DATABASE_URL: write postgresql+asyncpg://… so that the driver is named.")
    if settings.production and not settings.embed_origins:
        faults.append("INDGANG_EMBED_ORIGINS must name the pages that embed the chat when INDGANG_PRODUCTION=1.")
    if settings.production and settings.demo_always_open:
        faults.append("INDGANG_DEMO_ALWAYS_OPEN is for demonstrations and can't be set when INDGANG_PRODUCTION=1.")
    if settings.production and settings.public_url.startswith("http://"):
        faults.append("INDGANG_PUBLIC_URL must be https:// when INDGANG_PRODUCTION=1.")
    if settings.video_link and ("{room}" not in settings.video_link or not settings.video_link.startswith("https://")):
        faults.append("INDGANG_VIDEO_LINK must be an https:// address with {room} where the room's own name goes.")
    if settings.smtp_url and not (settings.smtp_url.startswith(("smtp://", "smtps://")) and "@" in settings.mail_from):
        faults.append("INDGANG_SMTP_URL must begin with smtp:// or smtps://, and INDGANG_MAIL_FROM be the address to send from.")
    if settings.production and settings.sms_url and not settings.sms_url.startswith("https://"):
        faults.append("INDGANG_SMS_URL must be https:// when INDGANG_PRODUCTION=1.")
    if settings.oidc_issuer and not (settings.oidc_client_id and settings.oidc_client_secret):
        faults.append("INDGANG_OIDC_ISSUER needs INDGANG_OIDC_CLIENT_ID and INDGANG_OIDC_CLIENT_SECRET from the same provider.")
    if settings.production and settings.oidc_issuer and not settings.oidc_issuer.startswith("https://"):
        faults.append("INDGANG_OIDC_ISSUER must be https:// when INDGANG_PRODUCTION=1.")
    if settings.production and settings.outbox_dir:
        faults.append("INDGANG_OUTBOX_DIR holds plain text and can't be set when INDGANG_PRODUCTION=1.")
    return faults


def _whole(raw: dict[str, str], name: str, faults: list[str]) -> int:
    if raw[name].isdigit():
        return int(raw[name])
    faults.append(f"INDGANG_{name.upper()} must be a whole number, it is {raw[name]!r}.")
    return 0


def _number(raw: dict[str, str], name: str, faults: list[str]) -> float:
    try:
        return float(raw[name])
    except ValueError:
        faults.append(f"INDGANG_{name.upper()} must be a number, it is {raw[name]!r}.")
        return 0.0


def _key(value: str, faults: list[str]) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        faults.append("INDGANG_MASTER_KEY must be 32 bytes in base64. `make run` writes one to .env.")
    return key
