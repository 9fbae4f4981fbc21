"""A recording over HTTP, whole or in the pieces that a player asks for (``Range`` of RFC 9110, one range), and why it
cannot be had.

It is opened piece by piece while it is sent, in a thread. A piece that was changed on the disk ends the answer early.

Refuses: deciding who may hear it, and writing down who did.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping

import structlog
from fastapi import HTTPException
from fastapi.responses import Response, StreamingResponse

from gateway.session.errors import NameRefused, NoRecording, RecordingError
from gateway.session.recorded_sound import AT_ONCE, RecordedSound
from infra.errors import AiccError
from infra.storage.errors import KeyShredded, KeyUnavailable, SealBroken

STATUS: Mapping[type[AiccError], int] = {
    NoRecording: 404,
    NameRefused: 404,
    KeyShredded: 410,
    KeyUnavailable: 503,
    SealBroken: 500,
    RecordingError: 500,
}

HEADERS: Mapping[str, str] = {"accept-ranges": "bytes", "cache-control": "private, no-store"}

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII)

_log = structlog.get_logger(__name__)


def no_sound(error: AiccError) -> HTTPException:
    """What to answer where a recording cannot be opened. Raises the error itself where it is none of those."""
    if type(error) not in STATUS:
        raise error
    return HTTPException(STATUS[type(error)], {"code": error.code, "message": str(error)})


def sound_response(sound: RecordedSound, wanted: str | None, *, filename: str | None = None) -> Response:
    """The answer to a request with this ``Range``. It closes the recording when it is over."""
    headers = dict(HEADERS)
    if filename is not None:
        headers["content-disposition"] = f'attachment; filename="{filename}"'
    asked = _asked(wanted, sound.size)
    if asked is None:
        start, end, status = 0, sound.size, 200
    else:
        (start, end), status = asked, 206
        if start >= end:
            sound.close()
            return Response(status_code=416, headers={**headers, "content-range": f"bytes */{sound.size}"})
        headers["content-range"] = f"bytes {start}-{end - 1}/{sound.size}"
    headers["content-length"] = str(end - start)
    return StreamingResponse(_sent(sound, start, end), status, headers, media_type="audio/wav")


def _asked(wanted: str | None, size: int) -> tuple[int, int] | None:
    """The first byte that is asked for, and the one behind the last, none of them behind the end; None for the whole,
    also where the range is one that need not be understood (RFC 9110, 14.2)."""
    match = _RANGE.fullmatch(wanted or "")
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.group(1), match.group(2)
    if first == "":
        return max(0, size - int(last)), size
    if last != "" and int(last) < int(first):
        return None
    return int(first), size if last == "" else min(size, int(last) + 1)


async def _sent(sound: RecordedSound, start: int, end: int) -> AsyncIterator[bytes]:
    try:
        for at in range(start, end, AT_ONCE):
            yield await asyncio.to_thread(sound.part, at, min(AT_ONCE, end - at))
    except (SealBroken, OSError) as error:
        _log.error("a recording cannot be read to its end", path=str(sound.path), error=str(error))
        raise
    finally:
        sound.close()
