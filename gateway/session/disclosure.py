"""Whether the caller has heard that a machine speaks: said before anything else, proven, said again where it was cut,
and once more in each language that the call changes to.

A pure machine. A reply that discloses (``Reply.disclosure``) is on its way from its decision to its end; it counts only
where its wording was heard to the last word. Until then nothing else of the bot's is said in that language before it.

What is kept as evidence is the wording, its SHA-256 and the tenant's name for the version, so that years later it can
be shown what was said (AI Basic Act of Korea, article 31; EU AI Act, article 50).

Refuses: the wording itself, which is the tenant's, and saying anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from dialog.reply import Confidence, Decision, Expectation, Reply, Sentence


@dataclass(slots=True)
class Disclosure:
    """One call's. ``version`` is what the tenant calls the wording that is in force."""

    version: str = "1"
    _first: Reply | None = None
    """The reply that disclosed first."""
    _wordings: dict[str, str] = field(default_factory=dict)
    """By language."""
    _heard: set[str] = field(default_factory=set)
    """The languages in which it was heard."""
    _on_its_way: dict[int, str] = field(default_factory=dict)
    """The numbers of replies that disclose, until they are over; and in which language."""

    @property
    def heard(self) -> bool:
        """Whether it was heard in any language."""
        return bool(self._heard)

    def owed(self, language: str) -> Reply | None:
        """What has to be said before anything else in a language; none where it was heard in that language, is on its
        way, or none is known. Where that language has no wording, the first one has to do."""
        if self._first is None:
            return None
        spoken = language if language in self._wordings else self._first.language
        if spoken in self._heard or spoken in self._on_its_way.values():
            return None
        wording = self._wordings[spoken]
        return Reply(
            Decision.CONVERSE,
            spoken,
            (Sentence(wording),),
            Confidence(1.0),
            expects=Expectation.LISTENING,
            release=self._first.release,
            disclosure=wording,
        )

    def decided(self, number: int, reply: Reply) -> None:
        """A reply was decided under that number."""
        if not reply.disclosure or reply.language in self._heard:
            return
        self._first = self._first or reply
        self._on_its_way[number] = reply.language
        self._wordings |= {**reply.disclosures, reply.language: reply.disclosure}

    def over(self, number: int, heard: str, *, confirmed: bool) -> dict[str, Any] | None:
        """A reply has ended, of which the caller heard so much; the evidence, where that was the disclosure.

        ``confirmed``: the far end said that it played it, and not our clock alone.
        """
        language = self._on_its_way.pop(number, None)
        if language is None or language in self._heard or self._wordings[language] not in heard:
            return None
        self._heard.add(language)
        wording = self._wordings[language]
        return {
            "text": wording,
            "version": self.version,
            "sha256": hashlib.sha256(wording.encode()).hexdigest(),
            "language": language,
            "reply": number,
            "confirmed": confirmed,
        }
