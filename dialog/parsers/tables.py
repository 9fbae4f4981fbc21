"""What a language's table has to hold. The tables themselves are ``korean.py`` and ``english.py``.

Everything in the dialog that differs between languages is data of these shapes; the code that reads it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    """What short set phrases can ask for."""

    HUMAN = "human"
    SLOWER = "slower"
    LOUDER = "louder"
    REPEAT = "repeat"
    GOODBYE = "goodbye"
    CANCEL = "cancel"
    UNKNOWN_VALUE = "unknown_value"
    """The caller does not have what was asked for ("I don't know my order number")."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Set phrases as patterns over the plain form; ``spaced`` says whether that form keeps its spaces.

    ``wishes`` are searched for; where ``unless`` has a pattern for the same wish and it matches too, the wish is void.
    ``longest`` bounds, per wish, how many words an utterance may have and still be that wish. ``calls_off`` tells a
    wish to stop that may be what a flow is about (취소) from others (그만).
    """

    spaced: bool
    wishes: Mapping[Wish, re.Pattern[str]]
    unless: Mapping[Wish, re.Pattern[str]]
    longest: Mapping[Wish, int]
    calls_off: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Yes and no. A pattern of ``no`` anywhere beats one of ``yes``; ``opener`` is what may begin a longer answer;
    ``beside`` are words that leave a yes plain ("yes, please do that")."""

    yes: re.Pattern[str]
    no: re.Pattern[str]
    opener: re.Pattern[str]
    beside: re.Pattern[str]
    short: int
    """Up to this many words a yes or no may stand anywhere in the answer; beyond, only at its beginning."""


@dataclass(frozen=True, slots=True)
class Numerals:
    """How digits are said.

    ``words`` maps a whole word to its digits, ``confusable`` words that a recognizer writes for a digit (counted
    only beside sure digits), ``syllables`` single characters that are digits when a whole word is made of them,
    ``native`` longer pieces that may be mixed in, ``places`` powers of ten for numbers said in full, ``tens`` words
    that merge with a following unit, ``multipliers`` ("double five"), ``fillers`` words that may stand between
    digits, ``corrections`` words after which the caller says it anew, ``endings`` what may hang on the last digit
    of a word.
    """

    words: Mapping[str, str]
    confusable: Mapping[str, str]
    syllables: Mapping[str, str]
    native: Mapping[str, str]
    places: Mapping[str, int]
    tens: Mapping[str, str]
    multipliers: Mapping[str, int]
    fillers: frozenset[str]
    corrections: frozenset[str]
    endings: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Prose:
    """What an answerer must know of the written language.

    ``leans_back`` matches a sentence that needs the one before it, ``limits`` one that restricts the one before it,
    ``restricts`` the words of negation, condition and exception that may not be dropped, ``introduces`` a line that
    announces a list; ``joins`` are the separator and the last separator of a spoken list, ``others`` says that the list
    goes on. Length for the ear is counted in ``unit`` (a syllable or a word): ``longest_answer`` is what an answer aims
    at, ``longest_sentence`` what one sentence may have at most.
    """

    leans_back: re.Pattern[str]
    limits: re.Pattern[str]
    restricts: re.Pattern[str]
    introduces: re.Pattern[str]
    joins: tuple[str, str]
    others: str
    unit: re.Pattern[str]
    longest_answer: int
    longest_sentence: int
    scales: Mapping[str, int]
    """Words after a number that multiply it (천, 만, thousand)."""
    number_words: Mapping[str, str]
    stop: frozenset[str]
    """Words that carry no topic."""
    hollow: re.Pattern[str]
    """Whole words that carry no topic in any of their forms."""
    tails: re.Pattern[str]
    """What hangs on the end of a word and is not part of its topic (particles, endings)."""
    forms: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    """Ways to ask, each with what a sentence that answers so has in it: amounts, durations, times, places."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How values are put into sentences.

    ``particles`` are the endings written as alternatives in templates ("을(를)") with the form after a consonant and
    after a vowel. ``date``, ``day`` (with its weekday), ``time`` (a full hour, and another), ``moment``, ``money``,
    ``and_more`` are format strings; ``halves`` are morning and afternoon.
    """

    particles: Mapping[str, tuple[str, str]]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    halves: tuple[str, str]
    date: str
    day: str
    time: tuple[str, str]
    moment: str
    money: str
    and_more: str


@dataclass(frozen=True, slots=True)
class Following:
    """How a caller leans on what was said before, picks from a choice, and says words that mean nothing."""

    opener: re.Pattern[str]
    longest: int
    """A follow-up has at most this many words."""
    hesitations: frozenset[str]
    ordinals: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Cardinals:
    """How a number is said in full.

    ``units`` are words that may follow one of the ``tens`` (which merge with them), ``scales`` multiply what stands
    before them within a group (백, hundred), ``groups`` the whole group (만, thousand), ``unscaled`` words are never
    multiplied. ``joint`` is the pattern between two words of a number, ``apart`` whether words are told apart by their
    boundaries. ``before_nouns`` are forms that are no number by themselves (네 is a yes). ``alone`` matches an answer
    that is nothing but a number, which it holds as ``number``.
    """

    units: Mapping[str, int]
    tens: Mapping[str, int]
    scales: Mapping[str, int]
    groups: Mapping[str, int]
    unscaled: frozenset[str]
    joint: str
    apart: bool
    before_nouns: frozenset[str]
    alone: str


@dataclass(frozen=True, slots=True)
class Amounts:
    """Money and counts. ``currencies`` maps an ISO 4217 code to the words after its amount, ``signs`` to the signs
    before it, ``hundredths`` are the words for its smaller coin. ``counters`` follow a number of things or people,
    ``sets`` are words that are a number of things by themselves."""

    currencies: Mapping[str, str]
    signs: Mapping[str, str]
    hundredths: str
    counters: str
    not_counted: str
    """What looks like a count and is none (삼십 분: minutes)."""
    sets: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """How dates are said. ``rules`` are patterns, the most telling first, with the named groups ``year``, ``month``,
    ``day``, ``weekday``, ``week`` (which one), ``month_of`` (which one), ``number`` and ``span`` (so many of them from
    now), ``word``, ``iso``; the mappings say what the words in those groups mean. ``{n}`` in a rule is a number."""

    rules: tuple[str, ...]
    only_month: str
    only_day: str
    words: Mapping[str, int]
    weekdays: Mapping[str, int]
    weeks: Mapping[str, int]
    months: Mapping[str, int]
    days: Mapping[str, int]
    which_month: Mapping[str, int]
    spans: Mapping[str, tuple[int, int]]
    """A word for a stretch of time, as (days, months)."""
    loose: frozenset[str]
    """Words for a week that people understand in two ways ("next Tuesday")."""


class DayHalf(StrEnum):
    """Which part of the day an hour belongs to."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Hours:
    """How times of day are said. ``rules`` have the groups ``half``, ``hour``, ``minute``, ``past`` (minutes from the
    hour), ``back`` (they are before it), ``word``, ``sure`` (what makes a number a time)."""

    rules: tuple[str, ...]
    halves: Mapping[str, DayHalf]
    minutes: Mapping[str, int]
    words: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Phones:
    """Telephone numbers: ``valid`` matches the digits of one, ``lengths`` how many they are, the usual one first."""

    valid: re.Pattern[str]
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Frames:
    """What stands around a name or an address that is said, and around the value that replaces another.

    ``corrections`` have the groups ``new`` and perhaps ``old``.
    """

    before: re.Pattern[str]
    after: re.Pattern[str]
    corrections: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way to say that one wants no calls any more: ``says``, in a clause of which ``not_after`` is not found before
    it nor ``not_before`` behind it (somebody else's doing, a question, a time), in a turn without ``not_beside``."""

    says: re.Pattern[str]
    not_after: re.Pattern[str]
    not_before: re.Pattern[str]
    not_beside: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Refusals:
    """How calls are refused for good. ``ends`` matches the end of a clause in what stands before a refusal, ``begins``
    the beginning of another in what stands behind it; neither callers nor recognizers mark them reliably."""

    ways: tuple[Refusal, ...]
    ends: re.Pattern[str]
    begins: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the house."""

    code: str
    phrases: Phrases
    agreement: Agreement
    numerals: Numerals
    prose: Prose
    wording: Wording
    following: Following
    cardinals: Cardinals
    amounts: Amounts
    calendar: Calendar
    hours: Hours
    phones: Phones
    frames: Frames
    refusals: Refusals
