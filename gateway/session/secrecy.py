"""What of a caller's sound is kept, and what is heard, while they are asked for a secret: a card's number, a code.

As long as one is asked for, nothing of the caller's sound is recorded or heard by whoever listens in, and keypad tones
are taken out of what is recognized: a key that was pressed is a digit for whoever has the sound. It lasts a little
longer than the asking, for the last tone is still sounding when its key is known. Keys may be pressed before they are
asked for, or turn out to be a number that nobody may read; then what was recorded of them is silenced afterwards.

Pure. Refuses: knowing what was keyed, and when a secret is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.session.keypad_tones import is_keypad_tone
from infra.audio import AudioFrame

LINGERS = 0.6
"""Seconds for which it goes on when nothing secret is asked for any more."""

BEFORE_KEY = 0.6
"""Seconds before a key is known within which its tone began."""


class Secrecy:
    """One call's. ``asked`` says whether a secret is asked for now; ``silent`` is told of each stretch that is to be
    silent, from when to when, in media seconds: of what was keyed too early at once, of the rest when it is over."""

    def __init__(self, asked: Callable[[], bool], silent: Callable[[float, float], None]) -> None:
        self._asked = asked
        self._silent = silent
        self._since: float | None = None
        self._until = 0.0
        self._typed_ahead: float | None = None
        """When the first key was pressed that nobody had asked for yet."""
        self._last_key = 0.0

    def key(self, at: float) -> None:
        """A key is known at that media time."""
        self._last_key = at
        if self._since is None and self._typed_ahead is None:
            self._typed_ahead = at

    def turn_ended(self, *, hidden: bool) -> None:
        """What was keyed until now is dealt with; ``hidden``: nobody may read it."""
        if self._since is None and self._typed_ahead is not None:
            if hidden:
                self._silent(max(0.0, self._typed_ahead - BEFORE_KEY), self._last_key + LINGERS)
            self._typed_ahead = None

    def frame(self, frame: AudioFrame) -> tuple[AudioFrame, AudioFrame]:
        """The caller's next sound: what of it is kept, and what is recognized."""
        if self._asked():
            if self._since is None:
                self._begin(frame.at)
            self._until = frame.until + LINGERS
        elif self._since is None:
            return frame, frame
        elif frame.at >= self._until:
            self.end()
            return frame, frame
        silent = replace(frame, pcm=bytes(len(frame.pcm)))
        return silent, silent if is_keypad_tone(frame.pcm, frame.rate) else frame

    def end(self) -> None:
        """It is over, or the call is."""
        if self._since is not None:
            self._silent(self._since, self._until)
            self._since = None

    def _begin(self, at: float) -> None:
        self._since = at
        if self._typed_ahead is not None:
            self._silent(max(0.0, self._typed_ahead - BEFORE_KEY), at)
            self._typed_ahead = None
