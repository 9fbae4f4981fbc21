"""Sound cut into frames of one size, for far ends that play nothing else. Pure.

What is not a whole frame waits for what follows, so that sound of any length may come without a gap in it; it is filled
up with silence only where somebody says that nothing follows.
"""

from __future__ import annotations


class WholeFrames:
    """Code of one stream, ``size`` bytes a frame; ``silence`` is a byte of which silence is made."""

    def __init__(self, size: int, silence: bytes = b"\0") -> None:
        self.size = size
        self._silence = silence
        self._rest = b""

    def add(self, code: bytes) -> bytes:
        """The whole frames that there are with ``code``."""
        if not self._rest and len(code) % self.size == 0:
            return code  # as nearly always
        code = self._rest + code
        whole = len(code) - len(code) % self.size
        self._rest = code[whole:]
        return code[:whole]

    def fill_up(self) -> bytes:
        """The last frame, filled up; nothing when nothing waits."""
        last, self._rest = self._rest, b""
        return last.ljust(self.size, self._silence) if last else b""

    def clear(self) -> None:
        """Forget what waits."""
        self._rest = b""

    def cut(self, whole: bytes, most: int) -> tuple[bytes, ...]:
        """Whole frames in messages of at most ``most`` bytes, which is a frame or more."""
        step = most - most % self.size
        return tuple(whole[start : start + step] for start in range(0, len(whole), step))
