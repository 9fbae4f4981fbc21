"""What the caller has said since the last turn ended, as the recognizer told it: finals, the partial under way, and
which finals are still to come.

Pure bookkeeping. A final with the number of an earlier one supersedes it: the caller had only paused, and the
recognizer has heard the whole again. A final that was given up does not leak into the next turn when it comes at last.

Refuses: time, and any opinion on whether the turn is over.
"""

from __future__ import annotations

from stt.transcript import Transcript, Word

Finals = tuple[Transcript, ...]


class Utterances:
    """One turn's words; used again for the next one after ``clear``."""

    def __init__(self) -> None:
        self._finals: dict[int, Transcript] = {}
        self._before: Finals = ()
        self._partial: Transcript | None = None
        self._awaited = 0
        self._given_up = 0

    @property
    def awaited(self) -> bool:
        """Whether finals that were asked for are still to come."""
        return self._awaited > 0

    @property
    def finals(self) -> Finals:
        """All finals with words, in order."""
        return (*self._before, *(final for final in self._finals.values() if final.text))

    @property
    def text(self) -> str:
        """The words of the finals."""
        return " ".join(final.text for final in self.finals)

    @property
    def so_far(self) -> str:
        """The words of the finals and of what is being said now, which may go on with the last of them."""
        if self._partial is None:
            return self.text
        before = (final.text for final in self.finals if final.utterance != self._partial.utterance)
        return " ".join(filter(None, (*before, self._partial.text)))

    @property
    def words(self) -> tuple[Word, ...]:
        """Word by word, as far as the recognizer told."""
        return tuple(word for final in self.finals for word in final.words)

    @property
    def confidence(self) -> float:
        """That of the weakest utterance: what was not understood decides what the whole is worth."""
        return min((final.confidence for final in self.finals), default=0.0)

    @property
    def language(self) -> str | None:
        """The language of most of what was said; None when nothing was."""
        spoken: dict[str, int] = {}
        for final in self.finals:
            spoken[final.language] = spoken.get(final.language, 0) + len(final.text)
        return max(spoken, key=lambda name: spoken[name], default=None)

    def asked(self) -> None:
        """A final was asked for."""
        self._awaited += 1

    def take(self, transcript: Transcript) -> bool:
        """Take what the recognizer says; false when it belongs to a turn that did not wait for it any longer."""
        if self._given_up:
            self._given_up -= transcript.final
            return False
        if not transcript.final:
            self._partial = transcript
            return True
        self._awaited = max(self._awaited - 1, 0)
        self._partial = None
        self._finals[transcript.utterance] = transcript
        return True

    def give_up(self) -> None:
        """Wait for no more finals: what the partial says is taken instead."""
        self._given_up, self._awaited = self._given_up + self._awaited, 0
        if self._partial is not None:
            self._finals[self._partial.utterance] = self._partial
        self._partial = None

    def continues(self, before: Finals) -> None:
        """What is being said is the rest of what ``before`` began."""
        self._before = (*before, *self._before)

    def clear(self) -> None:
        """Forget the words; finals that are still to come belong to nobody."""
        self._given_up, self._awaited = self._given_up + self._awaited, 0
        self._finals, self._before, self._partial = {}, (), None
