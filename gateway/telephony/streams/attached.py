"""Parameters of a stream that have to travel as one text of letters and digits, as Plivo's ``extraHeaders`` do.

Ours are written as one pair, ``aicc=`` and the hexadecimal digits of their form-encoded text. What others attached is
read as the pairs, or the JSON object, that it is.

Refuses: meaning; which parameters there are is the webhook's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

import orjson

LONGEST: Final = 4096
"""Characters that are read."""

_OURS: Final = "aicc"


def write_attached(parameters: Mapping[str, str]) -> str:
    """``parameters`` as a text that every carrier passes on."""
    return f"{_OURS}={urlencode(parameters, errors='surrogatepass').encode().hex()}"


def read_attached(text: str) -> object:
    """What a text of parameters holds; anything but a mapping of strings is for the reader to refuse."""
    if len(text) > LONGEST:
        return None
    if text.lstrip().startswith("{"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return None
    parted = (pair.partition("=") for pair in text.replace(";", ",").split(",") if pair.strip())
    pairs = {name.strip(): value.strip() for name, _, value in parted}
    ours = pairs.pop(_OURS, None)
    return pairs if ours is None else pairs | _decoded(ours)


def _decoded(digits: str) -> dict[str, str]:
    try:
        form = bytes.fromhex(digits).decode("ascii")
        return dict(parse_qsl(form, keep_blank_values=True, max_num_fields=100, errors="surrogatepass"))
    except ValueError:
        return {}
