"""Turns what a person typed into plain tokens, so that one pattern meets every way of spelling it.

Folding is lossy on purpose: å/aa→a, ø/oe→o, æ/ae→e, doubled letters become one, look-alike letters from other
alphabets become Latin, invisible characters vanish. Patterns and corpus go through the same folding.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

BREAK = "."


@dataclass(frozen=True)
class Spelling:
    """Data from `patterns/spelling.yml`: short forms, compounds people split, words never to be 'corrected'."""

    short_forms: dict[str, str]
    compounds: frozenset[str]
    vocabulary: frozenset[str]
    protected: frozenset[str]
    near: dict[str, str]


@dataclass(frozen=True)
class Folded:
    """`tokens[i]` was written at `shown[starts[i]:ends[i]]`; `BREAK` tokens mark the end of a sentence."""

    shown: str
    tokens: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original(self, first: int, last: int) -> str:
        return self.shown[self.starts[first]:self.ends[last]]


def _invisible() -> str:
    planes = [*range(0x10000), *range(0xE0000, 0xE01F0)]
    unseen = [c for c in map(chr, planes) if unicodedata.category(c) in ("Cf", "Mn", "Me", "Cc", "Co") and c not in "\n\t\r"]
    return "".join(re.escape(c) for c in unseen)


_INVISIBLE = re.compile(f"[{_invisible()}]")
_LOOKALIKES = str.maketrans(
    "абвгдезиікмнорстухсјѕԁɡһԛԝԍաոսհеԑɑαβγεζηικνορστυχωϲϳıłßđðþäöëïüáàâãéèêíìîóòôõúùûýÿñçæøå",
    "abvgdeziikmnopctyxcjsdghqwgwnuhеeaabyeznikvopotuxwcjilsddbeoeiuaaaaeeeiiioooouuuyyncæøå".replace("е", "e"),
)
_LEET = str.maketrans("013457@$!|", "oieasiasil".replace("si", "st", 1))
_LEET_WORD = re.compile(r"^(?=.*[^\W\d_])\D*[^\W_]*$")
_WORD = re.compile(
    r"[^\W_]+(?:[*'’´`@$_-]+[^\W_]+)*"
    r"|(?P<stop>[.!?]+|…)"
    r"|(?P<sign>[\U0001F300-\U0001FAFF\u2600-\u27BF])"
)
_DOUBLE = re.compile(r"(.)\1+")
_INNER = re.compile(r"[*'’´`_-]")


def clean(text: str) -> str:
    """NFKC without invisible, combining and control characters; what a reader's eye would see."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=20_000)
def fold_word(word: str) -> str:
    """One word folded, without looking at its neighbours or at the lists."""
    low = _INNER.sub("", word.lower()).translate(_LOOKALIKES)
    if not low.isdigit() and any(c in "013457@$!|" for c in low) and not low[0].isdigit():
        low = low.translate(_LEET)
    low = low.replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    low = low.replace("ae", "e").replace("oe", "o").replace("aa", "a")
    return _DOUBLE.sub(r"\1", low) if not low.isdigit() else low


def fold(text: str, spelling: Spelling) -> Folded:
    """`text` as tokens with their places in the cleaned text. Linear in the length of the text."""
    shown = clean(text)
    raw = [_token(m, spelling) for m in _WORD.finditer(shown)]
    raw = _join_letters([t for t in raw if t[0]])
    raw = _join_compounds(raw, spelling.compounds)
    return Folded(shown, tuple(t[0] for t in raw), tuple(t[1] for t in raw), tuple(t[2] for t in raw))


def _token(match: re.Match, spelling: Spelling) -> tuple[str, int, int]:
    start, end = match.span()
    if match.lastgroup == "stop":
        return (BREAK if match.group() in (".", "!", "?") else ""), start, end
    if match.lastgroup == "sign":
        return spelling.short_forms.get(match.group(), ""), start, end
    return spell(fold_word(match.group()), spelling), start, end


def spell(word: str, spelling: Spelling) -> str:
    """Short form → full form; an unknown long word one letter away from a known one → the known one."""
    word = spelling.short_forms.get(word, word)
    if word in spelling.vocabulary or len(word) < 6 or word in spelling.protected:
        return word
    for form in deletions(word):
        if form in spelling.near:
            return spelling.near[form]
    return word


def deletions(word: str) -> list[str]:
    return [word, *(word[:i] + word[i + 1:] for i in range(len(word)))]


def _join_letters(raw: list[tuple]) -> list[tuple]:
    """`s e l v m o r d` and `s.e.l.v` become one word; two lone letters stay as they are."""
    out: list[tuple] = []
    run: list[tuple] = []
    for token in [*raw, ("  ", 0, 0)]:
        if len(token[0]) == 1 and (token[0].isalpha() or (token[0] == BREAK and run)):
            run.append(token)
            continue
        letters = [t for t in run if t[0] != BREAK]
        out.extend(run if len(letters) < 4 else [(_DOUBLE.sub(r"\1", "".join(t[0] for t in letters)), run[0][1], run[-1][2])])
        run = []
        out.append(token)
    return out[:-1]


def _join_compounds(raw: list[tuple], compounds: frozenset[str]) -> list[tuple]:
    out: list[tuple] = []
    at = 0
    while at < len(raw):
        size = next((n for n in (3, 2) if "".join(t[0] for t in raw[at:at + n]) in compounds and at + n <= len(raw)), 1)
        part = raw[at:at + size]
        out.append(("".join(t[0] for t in part), part[0][1], part[-1][2]))
        at += size
    return out
