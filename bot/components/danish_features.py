"""What is counted in a normalised message, in blocks. Pure; knows no Rasa and no numbers.

`word` words and pairs of neighbours, `char` letters inside words, `skip` pairs with a word or two between them, `concept`
the trainers' glossary, `order` which concept follows which, `shape` question, length, digits, emoji, first and last word.
"""
from __future__ import annotations

import math
import re
from collections.abc import Sequence

from bot.components.lexicon import WORD, Lexicon

BLOCKS = ("word", "char", "skip", "concept", "order", "shape")
LONGEST_COUNTED = 400
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
LONGEST_SHAPE = 8
CONCEPTS_A_WORD = 3

Grams = dict[str, list[str]]


def grams_of(text: str, lexicon: Lexicon, char_span=(2, 5)) -> Grams:
    """{block: grams} of a normalised text; only its first 400 words are counted."""
    words = WORD.findall(text)[:LONGEST_COUNTED]
    found = lexicon.read(words)
    return {
        "word": words + [" ".join(pair) for pair in zip(words, words[1:], strict=False)],
        "char": char_grams(text, *char_span),
        "skip": skip_grams(words),
        "concept": sorted(set().union(*found)) if found else [],
        "order": order_grams(found),
        "shape": shape_grams(text, words),
    }


def char_grams(text: str, shortest: int = 2, longest: int = 5) -> list[str]:
    """Letters in a row inside each piece between spaces, its borders counted as a space."""
    grams: list[str] = []
    for token in text.split()[:LONGEST_COUNTED]:
        padded = f" {token[:40]} "
        for size in range(shortest, longest + 1):
            if len(padded) <= size:
                grams.append(padded)
                break
            grams += [padded[i : i + size] for i in range(len(padded) - size + 1)]
    return grams


def skip_grams(words: Sequence[str]) -> list[str]:
    return [f"{first}_{second}" for i, first in enumerate(words) for second in words[i + 2 : i + 4]]


def order_grams(found: Sequence[set[str]]) -> list[str]:
    """`a>b` for the concepts of each word and of the next word that has any."""
    grams: list[str] = []
    before: list[str] = []
    for concepts in found:
        here = sorted(concepts)[:CONCEPTS_A_WORD]
        if here:
            grams += [f"{a}>{b}" for a in before for b in here]
            before = here
    return grams


def shape_grams(text: str, words: Sequence[str]) -> list[str]:
    length = min(LONGEST_SHAPE, int(math.log2(1 + len(words)) * 2))
    grams = ["question" if "?" in text else "no question", f"length {length}"]
    grams += ["exclamation"] if "!" in text else []
    grams += ["digits"] if any(letter.isdigit() for letter in text) else []
    grams += ["emoji"] if EMOJI.search(text) else []
    if words:
        grams += [f"first {words[0]}", f"last {words[-1]}", f"start {' '.join(words[:2])}"]
    return grams
