"""What Whisper invents where nobody spoke, and how it is told from speech.

The model learnt from films' subtitles: over silence and noise it writes what subtitles say there, or goes on with one
phrase for ever. Its words are believed in this order: somebody spoke at all by voice activity; the model itself does
not call it silence; it is not lost in its own figures; a loop is cut where it begins; nobody speaks that fast; and what
subtitles say is believed only where there is much speech to back it.

Refuses: changing words; a word is kept or left out.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stt.local_agreement import TokenWord, normal, text_of

LEAST_SPEECH: Final = 0.25
"""Seconds of speech that a turn must have by voice activity."""
NO_SPEECH: Final = 0.6
LEAST_LOG_PROBABILITY: Final = -1.0
"""Together with ``NO_SPEECH`` it is silence; both are the original implementation's own limits."""
HOPELESS: Final = -2.5
"""Mean log-probability of a token below which no word is worth showing."""
MOST_COMPRESSION: Final = 2.4
"""Above it a text repeats itself in ways that no cut finds; the original implementation's limit."""
MOST_LETTERS_PER_SECOND: Final = {"en": 32.0, "ko": 16.0}
"""Faster than anybody speaks: letters for English, syllable blocks for Korean. Over the seconds of speech."""
MOST_REPEATS: Final = {1: 6, 2: 4}
"""How often a phrase of so many words may stand in a row; 3 times for a longer one."""
LONGEST_LOOP: Final = 12
"""Words of the longest phrase that is looked for."""
DOUBTFUL: Final = 0.3
WEAK_LOG_PROBABILITY: Final = -0.7
WEAK_SPEECH: Final = 1.0

_CREDITS: Final = re.compile(
    r"amara\.?\s?org|subtitles? by|captions? by|transcri(bed|ption) by|한글\s?자막|자막\s?(제공|by|제작)"
    r"|(mbc|kbs|sbs|ytn|jtbc|연합)\s?뉴스,?\s?\S{2,5}\s?(입니다|기자|였습니다)",
    re.IGNORECASE,
)
_FAREWELLS: Final = re.compile(
    r"(so |and |well )?thanks?( you)?( (so|very) much| all| guys| everyone)? for (watching|viewing)"
    r"( (the|this|my) video)?( and (i'?ll )?see you (in the )?next (video|time))?"
    r"|(and |so )?(i'?ll )?see you (all )?(again )?(in the )?next (video|episode)"
    r"|(please |and |don't forget to |like and )*subscribe( to (my|our|the) channel)?( and (hit|ring) the bell)?"
    r"|(오늘도 |지금까지 |영상을? |끝까지 )*시청\s?해\s?주셔서 (대단히 |정말 )?(감사합니다|고맙습니다)"
    r"|(영상을? )?(끝까지 )?봐\s?주셔서 (정말 )?(감사합니다|고맙습니다)"
    r"|구독(과|와|,)?\s?(좋아요|알림\s?설정)(까지|도)?\s?(꼭 )?(부탁\s?드립니다|부탁\s?드려요|부탁해요|눌러\s?주세요)?"
    r"|(그럼 |우리 )*다음\s?(영상|시간|편)에서?\s?(또 )?(만나요|뵙겠습니다|뵐게요|만나겠습니다|봬요)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """``speech``: seconds by voice activity. The others are the model's: probability of no speech, mean per token."""

    speech: float
    no_speech: float
    log_probability: float

    @property
    def weak(self) -> bool:
        """Whether it is too little to believe words that the model is known to invent."""
        return self.no_speech > DOUBTFUL or self.speech < WEAK_SPEECH or self.log_probability < WEAK_LOG_PROBABILITY


def plausible(
    words: Sequence[TokenWord], evidence: Evidence, language: str, said: Sequence[TokenWord] = ()
) -> tuple[TokenWord, ...]:
    """Those of ``words`` that somebody may have said in ``language``; ``said`` came before them and is believed."""
    if evidence.speech < LEAST_SPEECH or evidence.log_probability < HOPELESS:
        return ()
    if evidence.no_speech > NO_SPEECH and evidence.log_probability < LEAST_LOG_PROBABILITY:
        return ()
    kept = without_loop((*said, *words))[len(said) :]
    whole = text_of((*said, *kept))
    if compression(whole) > MOST_COMPRESSION:
        return ()
    if sum(character.isalnum() for character in whole) > MOST_LETTERS_PER_SECOND[language] * max(evidence.speech, 1.0):
        return ()
    return without_subtitles(kept) if evidence.weak else kept


def compression(text: str) -> float:
    """How much shorter a general compressor makes the text: a figure for how much it repeats itself."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def without_loop(words: Sequence[TokenWord]) -> tuple[TokenWord, ...]:
    """The words up to where the decoder began to repeat itself, with what it repeats said once."""
    heard = [(index, spelt) for index, word in enumerate(words) if (spelt := normal(word))]
    letters = [spelt for _, spelt in heard]
    for begin in range(len(letters)):
        for length in range(1, LONGEST_LOOP + 1):
            phrase = letters[begin : begin + length]
            times = 1
            while letters[begin + times * length : begin + (times + 1) * length] == phrase:
                times += 1
            if len(phrase) == length and times > MOST_REPEATS.get(length, 3):
                return tuple(words[: heard[begin + length - 1][0] + 1])
    return tuple(words)


def without_subtitles(words: Sequence[TokenWord]) -> tuple[TokenWord, ...]:
    """The words without the sentences that are known from subtitles."""
    return tuple(word for sentence in _sentences(words) if not _from_subtitles(text_of(sentence)) for word in sentence)


def _sentences(words: Sequence[TokenWord]) -> list[list[TokenWord]]:
    found: list[list[TokenWord]] = [[]]
    for word in words:
        found[-1].append(word)
        if word.text.strip()[-1:] in (".", "?", "!", "。", "…"):
            found.append([])
    return found


def _from_subtitles(sentence: str) -> bool:
    return bool(_CREDITS.search(sentence) or _FAREWELLS.fullmatch(sentence.strip(" .,!?。…♪")))
