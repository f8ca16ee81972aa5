"""A way back to a guest, put in one form. Knows numbers and addresses, knows no room of the house."""

import re

import phonenumbers

from backend.domain.enquiry import Contact
from backend.errors import BadInput

EMAIL = re.compile(r"[^@\s<>,;\"']+@[^@\s<>,;\"']+\.[^@\s<>,;\"'.]{2,}")


def checked(contact: Contact) -> Contact:
    """The contact with its value in one form. Raises BadInput naming what is wrong with it."""
    if contact.kind == "phone":
        return Contact("phone", _phone(contact.value or ""), contact.may_say)
    if contact.kind == "email":
        return Contact("email", _email(contact.value or ""), contact.may_say)
    return contact


def _email(value: str) -> str:
    value = value.strip()
    if len(value) > 200 or not EMAIL.fullmatch(value):
        raise BadInput("Det ligner ikke en e-mailadresse.", fields=[{"field": "contact.value", "problem": "email"}])
    return value


def _phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "DK")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise BadInput("Det ligner ikke et telefonnummer.", fields=[{"field": "contact.value", "problem": "phone"}])
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
