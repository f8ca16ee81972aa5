"""A door as a contact file that every phone reads (vCard 3.0). It says nothing of where it came from."""

WAYS = (("phone", "TEL;TYPE=VOICE"), ("sms", "TEL;TYPE=CELL"), ("url", "URL"), ("chat_url", "URL"))


def contact_card(shown: dict) -> str:
    """`shown` is a door or an offer of the open JSON."""
    contact, name = shown.get("contact") or {}, _escaped(shown["name"])
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", f"N:{name};;;;", f"ORG:{name}"]
    lines += [f"{field}:{_value(kind, contact[kind])}" for kind, field in WAYS if contact.get(kind)]
    lines += [f"ADR:;;{_escaped(contact['address'])};;;;"] if contact.get("address") else []
    return "\r\n".join([*lines, "END:VCARD", ""])


def _value(kind: str, value: str) -> str:
    return value.replace(" ", "") if kind in ("phone", "sms") else value


def _escaped(value: str) -> str:
    for mark in "\\,;":
        value = value.replace(mark, f"\\{mark}")
    return value.replace("\n", "\\n")
