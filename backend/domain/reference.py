"""Codes a guest writes down: no look-alike letters, spoken in groups of four."""

from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12
SHORT = 8  # a door card opens nothing but a public page


def new_reference(choose: Callable[[str], str], length: int = LENGTH) -> str:
    """`choose` picks one letter of the alphabet (a cryptographic one, from outside). → `K7XM-9QPT-4RWD`, 59 bits."""
    letters = "".join(choose(ALPHABET) for _ in range(length))
    return "-".join(letters[i : i + 4] for i in range(0, length, 4))


def read_reference(text: str, length: int = LENGTH) -> str | None:
    """What a guest typed, put right (small letters, missing dashes, O for 0 is not a letter of ours). None if it is none."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    if len(letters) != length or any(letter not in ALPHABET for letter in letters):
        return None
    return "-".join(letters[i : i + 4] for i in range(0, length, 4))
