"""Sentences that speak to a program rather than to a reader. Pure.

Instructions inside documents, records and callers' words are text: they are never followed. Those that can be told by
their looks are not shown to a language model either. That is a second line: what a model writes is checked as if it
had obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialog.reply import Sentence

_TO_A_PROGRAM = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|rule|prompt|polic|guideline|safeguard|above)"
    r"|\b(?:system|developer)\s?(?:prompt|message|mode|override|instruction)|\byou are now\b|\bact as\b|\bas an ai\b"
    r"|\b(?:reveal|print|repeat|output|show|recite)\b.{0,30}\b(?:prompt|instructions)"
    r"|\b(?:assistant|chatbot|language model|llm|ai agent)\b.{0,20}\b(?:must|should|shall|has to|will now|is to)\b"
    r"|\b(?:tell|inform|say to)\s(?:the\s)?(?:caller|customer|user)s?\b"
    r"|^\s*(?:system|assistant|user|developer)\s*:|<\|.{0,40}\|>"
    r"|\[/?(?:inst|system)\]|</[a-z]+>"
    r"|(?:지시|지침|명령|규칙|프롬프트|안내문)(?:사항)?(?:들)?(?:을|를|은|는|도|대로)?\s?(?:모두\s|전부\s|다\s|그대로\s)?(?:무시|잊|따르지|출력|공개|읽어|말해|알려|보여)"
    r"|시스템\s?(?:프롬프트|메시지|지시|명령)|(?:너|당신|넌|챗봇|비서|AI|인공지능)(?:은|는|이|가)?\s?(?:이제|지금부터|반드시)"
    r"|개발자\s?모드|관리자\s?모드|(?:고객|손님|사용자)(?:님)?(?:에게|께|한테).{0,60}(?:말하|안내하|답하|전하)(?:세요|십시오|라|시오|여라)",
    re.IGNORECASE,
)


def addresses_a_program(sentence: str) -> bool:
    """Whether a sentence gives instructions to whatever reads it by machine."""
    return _TO_A_PROGRAM.search(sentence) is not None


def readable(extract: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """The sentences of an extracted answer that speak to readers: nobody who calls has a use for the others."""
    return tuple(
        sentence
        for sentence in extract
        if not addresses_a_program(sentence.text if sentence.citation is None else sentence.citation.quote)
    )
