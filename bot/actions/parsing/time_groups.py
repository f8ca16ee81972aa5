"""Gathers atoms into groups: the days and hours that belong together, and whether they are wanted or ruled out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.actions.parsing.calendar_days import next_day_of_month
from bot.actions.parsing.clock_words import Clock
from bot.actions.parsing.time_atoms import NEAR_DATE_DAYS, Atom, DayWord, Said, day
from bot.actions.parsing.time_words import CUTS_NEGATION

EXCLUSIVE = frozenset({"clock", "about", "between", "exact"})
TIMES = EXCLUSIVE | {"bound", "part"}
JOINTS = frozenset({"or", "and", "comma", "stop", "but"})
CLAUSE_ENDS = frozenset({"comma", "stop", "but"})
WORDS_AFTER_NOT = 3
WORDS_BEFORE_NOT = 4
LAST_HOUR = 24
ROLLED_DAYS = 330


@dataclass
class Group:
    """Days and hours said together. `joint` is how it hangs on the group before it."""

    joint: str
    clause: int
    start: int
    end: int
    days: list[DayWord] = field(default_factory=list)
    times: list[Atom] = field(default_factory=list)
    prep: str | None = None
    until: DayWord | None = None
    negative: bool = False
    every: bool = False
    corrects: bool = False
    keep_time: bool = False

    @property
    def only_times(self) -> bool:
        return bool(self.times) and not self.days

    @property
    def is_only_same_time(self) -> bool:
        return self.keep_time and not self.times and all(word.weak for word in self.days)

    @property
    def only_days(self) -> bool:
        return bool(self.days) and not self.times


class Gathering:
    """Takes atoms one by one, in order; `groups` is the result, `used` the stretches that meant something."""

    def __init__(self, text: str, said: Said) -> None:
        self._text = text
        self._said = said
        self.groups: list[Group] = []
        self.used: list[tuple[int, int]] = []
        self.corrected = False
        self._open: Group | None = None
        self._joint = ""
        self._clause = 0
        self._not: Atom | None = None
        self._is_negative = False
        self._every = False
        self._loose_nots: list[Atom] = []
        self._corrects = False
        self._keep_time = False
        self._prep: Atom | None = None
        self._to: Atom | None = None

    def take(self, atoms: Iterable[Atom]) -> None:
        """Gathers all the atoms and settles which groups are ruled out."""
        for atom in atoms:
            self._take(atom)
        self._drop_not()
        self._rule_out_backwards()
        self._rule_out_lists()

    def _take(self, atom: Atom) -> None:
        if atom.kind == "dotted":
            atom = self._dotted(atom)
        elif atom.kind == "bare":
            self._bare(atom)
        if atom.kind == "day":
            self._day(atom)
        elif atom.kind in TIMES:
            self._time(atom)
        else:
            self._other(atom)

    def _other(self, atom: Atom) -> None:
        if atom.kind in JOINTS:
            self._join(atom)
        elif atom.kind == "neg":
            self._negate(atom)
        elif atom.kind == "unfit":
            self._unfit(atom)
        elif atom.kind == "corr":
            self._correct()
        elif atom.kind == "prep":
            self._prep = atom
        elif atom.kind == "to":
            self._to = atom
        elif atom.kind == "keep_time":
            self._keep_time = True

    # -- joints

    def _join(self, atom: Atom) -> None:
        if atom.kind == "and" and self._open and self._open.prep == "between" and not self._open.until:
            self._to = atom
            return
        if self._open and self._open.is_only_same_time:
            return
        self._open = None
        self._joint = atom.kind
        if atom.kind in CLAUSE_ENDS:
            self._end_clause()

    def _end_clause(self) -> None:
        self._clause += 1
        self._drop_not()
        self._is_negative = self._every = False

    def _drop_not(self) -> None:
        if self._not:
            self._loose_nots.append(self._not)
        self._not = None

    def _negate(self, atom: Atom) -> None:
        self._drop_not()
        self._open = None
        self._not = atom
        self._every = atom.value == "every"

    def _unfit(self, atom: Atom) -> None:
        """"Mandag er dårlig" rules out what stands right before it."""
        if self._open and self._is_next(self._open.end, atom.start):
            self._loose_nots.append(atom)
            self._open = None

    def _correct(self) -> None:
        self._open = None
        self._end_clause()
        self._corrects = self.corrected = True

    # -- days and times

    def _day(self, atom: Atom) -> None:
        word: DayWord = atom.value
        if self._to and self._ends_range(atom):
            self._open.until = word  # type: ignore[union-attr]
            self._open.prep = None  # type: ignore[union-attr]
            self._grow(atom)
        else:
            group = self._group_for(atom, self._clashes(word))
            group.days.append(word)
            if self._prep and self._is_next(self._prep.end, atom.start):
                group.prep = self._prep.value
                group.start = min(group.start, self._prep.start)
                self.used.append((self._prep.start, self._prep.end))
        self._prep = self._to = None

    def _time(self, atom: Atom) -> None:
        clashes = bool(self._open) and atom.kind in EXCLUSIVE and any(
            time.kind in EXCLUSIVE for time in self._open.times  # type: ignore[union-attr]
        )
        self._group_for(atom, clashes).times.append(atom)
        self._prep = self._to = None

    def _ends_range(self, atom: Atom) -> bool:
        group = self._open
        return bool(group and group.days and not group.times and self._to and self._is_next(self._to.end, atom.start))

    def _clashes(self, word: DayWord) -> bool:
        group = self._open
        if not group or not group.days or word.weak or all(said.weak for said in group.days):
            return False
        if word.frame or word.shift or all(said.frame or said.shift for said in group.days):
            return False
        if group.times:
            return True
        placed = [said for said in group.days if said.weekdays]
        if word.weekdays and placed:
            return not set(placed[-1].weekdays) & set(word.weekdays)
        return not word.weekdays and any(not (said.weekdays or said.frame) for said in group.days)

    def _group_for(self, atom: Atom, clashes: bool) -> Group:
        self._settle_not(atom)
        if self._open is None or clashes or self._open.negative != self._is_negative:
            self._open = self._new_group(atom)
            self.groups.append(self._open)
        self._grow(atom)
        if self._keep_time:
            self._open.keep_time = True
            self._keep_time = False
        return self._open

    def _new_group(self, atom: Atom) -> Group:
        joint = self._joint or ("and" if self.groups else "")
        group = Group(joint, self._clause, atom.start, atom.end, negative=self._is_negative, every=self._every,
                      corrects=self._corrects)
        self._joint = ""
        self._corrects = False
        return group

    def _grow(self, atom: Atom) -> None:
        if self._open:
            self._open.end = max(self._open.end, atom.end)
        self.used.append((atom.start, atom.end))

    def _is_next(self, end: int, start: int) -> bool:
        return not self._text[end:start].strip()

    # -- not

    def _settle_not(self, atom: Atom) -> None:
        """Decides whether a waiting "ikke" is about this atom."""
        if not self._not:
            return
        if self._reaches(self._not.end, atom.start, WORDS_AFTER_NOT):
            self._is_negative = True
            self.used.append((self._not.start, self._not.end))
        else:
            self._loose_nots.append(self._not)
        self._not = None

    def _reaches(self, start: int, end: int, most: int) -> bool:
        words = self._text[start:end].replace(",", " ").split()
        return len(words) <= most and not CUTS_NEGATION.intersection(words)

    def _rule_out_backwards(self) -> None:
        """"Fredag kan jeg ikke": a "ikke" that found nothing after it is about the words before it."""
        for negation in self._loose_nots:
            before = [group for group in self.groups if group.end <= negation.start]
            if before and self._reaches(before[-1].end, negation.start, WORDS_BEFORE_NOT):
                self._rule_out_clause(before[-1].clause)
                self.used.append((negation.start, negation.end))

    def _rule_out_clause(self, clause: int) -> None:
        for group in self.groups:
            group.negative = group.negative or group.clause == clause

    def _rule_out_lists(self) -> None:
        """"Ikke mandag, tirsdag eller onsdag" rules out all three."""
        for first, group in enumerate(self.groups):
            rest = self._list_after(first) if group.negative and group.only_days else []
            for listed in rest:
                listed.negative = True

    def _list_after(self, first: int) -> list[Group]:
        listed: list[Group] = []
        for before, group in zip(self.groups[first:], self.groups[first + 1:], strict=False):
            bare = not self._text[before.end:group.start].strip(" ,").replace("eller", "").strip()
            if group.joint not in ("comma", "or") or not group.only_days or group.corrects or not bare:
                break
            listed.append(group)
        return listed if len(listed) > 1 and listed[-1].joint == "or" else []

    # -- numbers that need their neighbours

    def _dotted(self, atom: Atom) -> Atom:
        clock, when, zero = atom.value
        if self._is_date(clock, when, zero):
            ahead = (when - self._said.today).days
            unsure = clock and not zero and clock.minutes % 5 == 0 and not self._weekdays()
            word = day(when, sure=0.5 if ahead > ROLLED_DAYS else 0.9, ask="which_date" if unsure else None)[0][1]
            return Atom("day", word, atom.start, atom.end)
        return Atom("clock", clock, atom.start, atom.end)

    def _is_date(self, clock: Clock | None, when: object, zero: bool) -> bool:
        if not when or not clock:
            return bool(when)
        weekdays = self._weekdays()
        if weekdays:
            return when.weekday() in weekdays  # type: ignore[attr-defined]
        if self._open and self._open.days:
            return False
        ahead = (when - self._said.today).days  # type: ignore[operator]
        return ahead <= (NEAR_DATE_DAYS if clock.minutes % 5 == 0 else ROLLED_DAYS)

    def _weekdays(self) -> set[int]:
        return {number for word in (self._open.days if self._open else []) for number in word.weekdays}

    def _bare(self, atom: Atom) -> None:
        """A number alone is a clock or a date only right after a day or in a row of clocks."""
        number, dot = atom.value
        meant = self._bare_meaning(number, dot, atom)
        if meant:
            self._take(meant)

    def _bare_meaning(self, number: int, dot: bool, atom: Atom) -> Atom | None:
        clock = Atom("clock", Clock(number * 60, number > LAST_HOUR // 2), atom.start, atom.end)
        if self._open and self._open.days and self._is_next(self._open.end, atom.start):
            date_word = self._as_day_of_month(number, dot, atom)
            return date_word or (clock if number <= LAST_HOUR and not self._open.times else None)
        in_a_row = self._joint in ("or", "and", "comma") and self.groups and self._ended_in_clock(atom)
        if in_a_row and self.groups[-1].times[-1].kind == "bound":
            return Atom("bound", (self.groups[-1].times[-1].value[0], clock.value), atom.start, atom.end)
        alone = self._said.previous and self._said.previous.windows and self._text.strip(" .") == str(number)
        return clock if (in_a_row or alone) and number < LAST_HOUR else None

    def _ended_in_clock(self, atom: Atom) -> bool:
        last = self.groups[-1]
        words = self._text[last.end:atom.start].replace(",", " ").split()
        return bool(last.times) and last.times[-1].kind in ("clock", "bound") and len(words) <= 1

    def _as_day_of_month(self, number: int, dot: bool, atom: Atom) -> Atom | None:
        when = next_day_of_month(number, self._said.today)
        if when and (number > LAST_HOUR or dot and when.weekday() in self._weekdays()):
            return Atom("day", day(when)[0][1], atom.start, atom.end)
        return None
