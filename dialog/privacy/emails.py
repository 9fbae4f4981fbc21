"""Addresses of electronic mail, as they are written (RFC 5321, the usual forms) and as they are said.

Refuses: asking whether a mailbox exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.kinds import PersonalKind
from dialog.privacy.letters import NAMES
from dialog.privacy.reading import FORM, NAMED, Candidate, Reading

_KIND = PersonalKind.EMAIL
# Bounded by ASCII alone: Korean particles follow without a space, and Hangul may stand before.
_WRITTEN = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}\s?@\s?"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_DOT = r"(?:\s*(?:점|닷|쩜|\.)\s*|\s+(?:dot|period|point)\s+)"
_ENDS = (
    r"(?:컴|콤|닷컴|씨오엠|씨 오 엠|넷|네트|오알지|케이알|코|씨오|씨 오|케이 알|에이씨|지오|아이오"
    r"|com|net|org|edu|gov|io|co|uk|kr|me|info|biz|dev|ai|app|us|ca|de|fr|jp|cn|ac)"
)
_PART = r"(?!at\b)[A-Za-z0-9가-힣-]+"
_SAID = re.compile(
    rf"(?:\s?(?:골뱅이|앳)\s?|(?<=\s)at(?:\s+sign)?\s+|\s?@\s?)"
    rf"(?:{_PART}(?:\s+{_PART}){{0,5}}?{_DOT}){{1,3}}?(?:{_ENDS}{_DOT})?{_ENDS}(?![A-Za-z])",
    re.I,
)
_PROVIDER = (
    r"(?:네이버|다음|한메일|지메일|구글|네이트|카카오|핫메일|야후|아이클라우드|daum|naver|gmail|hanmail|nate|kakao)"
    r"(?:\s*(?:컴|넷|닷컴|닷넷|com|net))?(?![A-Za-z])"
)
_AT_PROVIDER = re.compile(rf"\s?(?:골뱅이|앳)\s?{_PROVIDER}(?!\s*(?:점|닷|쩜|\.))", re.I)
"""Those that everybody knows are said without their end as well."""
_WORD = re.compile(r"\S+$")
_JOINTS = frozenset(
    (
        "dot period underscore dash hyphen minus plus 점 닷 쩜 언더바 언더스코어 밑줄 대시 하이픈 마이너스 빼기 플러스"
    ).split()
)
_SPELLED = re.compile(
    rf"[a-z0-9](?![a-z])|[a-z]*\d[a-z0-9]*|(?:{NAMES})+|(?:제로|하나|둘|셋|넷|다섯|[공영일이삼사오육칠팔구십백천])+"
    r"|zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|double|triple",
    re.I,
)
_NO_PART = re.compile(
    r"(?:is|it'?s|its|at|e-?mail|address|mail|to|me|my|on|that'?s|thats|use|be|with|the|or|and|please|yes|yeah|sure|okay"
    r"|send|write|for|you|can|was|um|uh|so|well|i)[,.:]*|.*[,:?!]|.*[.](?=$)",
    re.I,
)
_MOST_WORDS = 3
"""Words of a name before the at: "john smith at …"."""
_MOST_CUED = 9
"""Words before the at, remarks and all ("…, one word, at …"), behind a word for such an address."""
_CUE = re.compile(
    r"(?:e-?mail(?:\s+address)?|메일(?:\s*주소)?)(?:[은는이가요도]|이?에?요)?[\s,:?.]*"
    r"(?:(?:is|it'?s|to|at|um|uh|the|address|use|me)[\s,:]+)*",
    re.I,
)
_GOES_ON = re.compile(
    r"\b(?:you|can|please|send|have|was|and|or|if|but|on|in|with\s+my)\b|[?!]|[가-힣](?:으로|에서|한테)\s", re.I
)
"""Between a word for an address and an at: what they say is no address."""
_REMARK = re.compile(
    r"(?:[\s,]+(?:with\s+an?\s+\w|(?:all\s+)?one\s+word|all\s+lower\s?case|no\s+spaces?|띄어쓰기\s*없이|소문자로?|붙여서))?[\s,]*$",
    re.I,
)
"""What is said of the part before the at, at its end."""
_AGAIN = re.compile(r"(?P<wrong>[A-Za-z0-9._%+-]{3,})[\s,]+(?:아니[요다]?|no|sorry|i\s+mean)[\s,]+$", re.I)
"""What was corrected right before."""


def emails(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that is such an address."""
    text = reading.text
    if "@" in text:
        for found in _WRITTEN.finditer(text):
            yield Candidate(_corrected(text, found.start()), found.end(), _KIND, FORM)
    for found in (*_SAID.finditer(text), *_AT_PROVIDER.finditer(text)):
        start = min(_local_part(text, found.start()), _cued(text, found.start()))
        if start < found.start():
            yield Candidate(start, found.end(), _KIND, NAMED)


def _plain(text: str) -> str:
    return text[: found.start()] if (found := _REMARK.search(text)) is not None else text


def _corrected(text: str, start: int) -> int:
    """Where the address begins that starts there, with what was told wrong of it right before."""
    again = _AGAIN.search(text, max(0, start - 80), start)
    return start if again is None or again["wrong"][:2] != text[start : start + 2] else again.start()


def _cued(text: str, end: int) -> int:
    """Where the part before the at begins behind a word for an address; ``end`` where nothing calls it so."""
    for cue in _CUE.finditer(text, max(0, end - 100), end):
        said = text[cue.end() : end]
        if said.strip() and len(said.split()) <= _MOST_CUED and not _GOES_ON.search(said):
            return cue.end()
    return end


def _local_part(text: str, end: int) -> int:
    """Where the part before the at begins, whose last word ends at ``end``."""
    words = 0
    start = end
    while (found := _WORD.search(_plain(text[:start]))) is not None:
        word = found.group()
        lower = word.lower()
        spelled = _SPELLED.fullmatch(word) is not None
        letter = len(word) == 1 and start < end
        joined = start < end and text[start:end].split()[0].lower() in _JOINTS
        if lower not in _JOINTS and not letter and not joined and _NO_PART.fullmatch(word):
            break
        plain = start < end and not (lower in _JOINTS or spelled or joined)
        if plain and (words >= _MOST_WORDS or not word.isascii()):
            break
        start = found.start()
        if lower not in _JOINTS and not spelled:
            words += 1
    return start
