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
_LOOKALIKES = str.maketrans(dict(pair.split("=") for pair in ["а=a", "б=b", "в=b", "г=g", "д=d", "е=e", "ё=e", "и=i", "і=i", "й=i", "ї=j", "ј=j", "к=k", "м=m", "н=h", "о=o", "п=n", "р=p", "с=c", "т=t", "у=y", "ү=y", "х=x", "ѕ=s", "ԁ=d", "һ=h", "ԛ=q", "ԝ=w", "ь=b", "α=a", "β=b", "γ=y", "ε=e", "ζ=z", "η=n", "ι=i", "κ=k", "ν=v", "ο=o", "ρ=p", "σ=o", "τ=t", "υ=u", "χ=x", "ω=w", "ϲ=c", "ϳ=j", "ա=w", "ո=n", "ս=u", "հ=h", "օ=o", "ց=g", "ı=i", "ł=l", "ß=s", "ð=d", "þ=b", "ɑ=a", "ɡ=g", "ɩ=i", "ʀ=r", "ᴀ=a", "ʙ=b", "ᴄ=c", "ᴅ=d", "ᴇ=e", "ɢ=g", "ʜ=h", "ɪ=i", "ᴊ=j", "ᴋ=k", "ʟ=l", "ᴍ=m", "ɴ=n", "ᴏ=o", "ᴘ=p", "ᴛ=t", "ᴜ=u", "ᴠ=v", "ᴡ=w", "ʏ=y", "ᴢ=z", "ä=e", "ö=o", "ő=o", "ë=e", "ï=i", "ü=u", "ű=u", "á=a", "à=a", "â=a", "ã=a", "ā=a", "é=e", "è=e", "ê=e", "ē=e", "í=i", "ì=i", "î=i", "ī=i", "ó=o", "ò=o", "ô=o", "õ=o", "ō=o", "ú=u", "ù=u", "û=u", "ū=u", "ý=y", "ÿ=y", "ñ=n", "ç=c"]))
_LEET = str.maketrans("013457@$!|", "oieastasil")
_WORD = re.compile(r"^(?=.*[^\W\d_])\D*[^\W_]*$")
_WORD = re.compile(
    r"[^\W_]+(?:[*'’´`@$_-]+[^\W_]+)*"
    r"|(?P<stop>[.!?]+|…)"
    r"|(?P<sign>[\U0001F300-\U0001FAFF\u2600-\u27BF])"
)
_DOUBLE = re.compile(r"(.)\1+")
_GLUED = ("jeg", "vil", "ike", "sel", "iwan")
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
    raw = [t for m in _WORD.finditer(shown) for t in _tokens(m, spelling)]
    raw = _join_letters([t for t in raw if t[0]], shown, spelling)
    raw = _join_compounds(raw, spelling.compounds)
    return Folded(shown, tuple(t[0] for t in raw), tuple(t[1] for t in raw), tuple(t[2] for t in raw))


def _tokens(match: re.Match, spelling: Spelling) -> list[tuple[str, int, int]]:
    start, end = match.span()
    if match.lastgroup == "stop":
        return [(BREAK if match.group() in (".", "!", "?") else "", start, end)]
    if match.lastgroup == "sign":
        return [(part, start, end) for part in spelling.short_forms.get(match.group(), "").split()]
    return [(part, start, end) for part in _spelt(fold_word(match.group()), spelling)]


def _spelt(word: str, spelling: Spelling) -> list[str]:
    spelt = spell(word, spelling)
    return spelt.split() if " " in spelt else split_up(spelt, spelling)


def spell(word: str, spelling: Spelling) -> str:
    """Short form → full form; an unknown long word one letter away from a known one → the known one."""
    word = spelling.short_forms.get(word, word)
    if " " in word or word in spelling.vocabulary or len(word) < 6 or word in spelling.protected:
        return word
    for form in deletions(word):
        if form in spelling.near and one_slip_apart(word, spelling.near[form]):
            return spelling.near[form]
    return word


def one_slip_apart(word: str, known: str) -> bool:
    """One letter added, missing, changed, or two neighbours swapped."""
    start = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    rest, wanted = word[start:], known[start:]
    swapped = rest[:2] == wanted[:2][::-1] and rest[2:] == wanted[2:]
    return swapped or rest[1:] == wanted or rest == wanted[1:] or rest[1:] == wanted[1:]


def deletions(word: str) -> list[str]:
    return [word, *(word[:i] + word[i + 1:] for i in range(len(word)))]


def _join_letters(raw: list[tuple], shown: str, spelling: Spelling) -> list[tuple]:
    """`s e l v m o r d` and `v.i.l  d.ø` become words; three lone letters or fewer stay as they are."""
    out: list[tuple] = []
    run: list[tuple] = []
    for token in [*raw, ("  ", 0, 0)]:
        if len(token[0]) == 1 and (token[0].isalpha() or (token[0] == BREAK and run)):
            run.append(token)
            continue
        letters = [t for t in run if t[0] != BREAK]
        out.extend(run if len(letters) < 4 else _words_of_letters(letters, shown, spelling))
        run = []
        out.append(token)
    return out[:-1]


def _words_of_letters(letters: list[tuple], shown: str, spelling: Spelling) -> list[tuple]:
    gaps = [shown[a[2]:b[1]] for a, b in zip(letters, letters[1:], strict=False)]
    usual = min(gaps, key=len)
    words, word = [], [letters[0]]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        if len(gap) > len(usual) or (gap.isspace() and not usual.isspace()):
            words.append(word)
            word = []
        word.append(letter)
    found: list[tuple] = []
    for group in [*words, word]:
        joined = _DOUBLE.sub(r"\1", "".join(t[0] for t in group))
        found.extend((part, group[0][1], group[-1][2]) for part in split_up(spell(joined, spelling), spelling))
    return found


def split_up(word: str, spelling: Spelling) -> list[str]:
    """`jegvildo` → jeg, vil, do, when the whole word is made of known words; else the word itself."""
    if len(word) < 6 or not word.startswith(_GLUED) or word in spelling.vocabulary:
        return [word]
    ways: list[list[str] | None] = [[], *[None] * len(word)]
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 14), end - 1):
            if ways[start] is not None and word[start:end] in spelling.vocabulary:
                ways[end] = ways[end] or [*ways[start], word[start:end]]
    return ways[-1] or [word]


def _join_compounds(raw: list[tuple], compounds: frozenset[str]) -> list[tuple]:
    out: list[tuple] = []
    at = 0
    while at < len(raw):
        size = next((n for n in (3, 2) if "".join(t[0] for t in raw[at:at + n]) in compounds and at + n <= len(raw)), 1)
        part = raw[at:at + size]
        out.append(("".join(t[0] for t in part), part[0][1], part[-1][2]))
        at += size
    return out
