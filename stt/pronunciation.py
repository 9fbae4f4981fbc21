"""How words sound, in the phones of the English acoustic model.

Known words are in the recognizer's dictionary. Names and brands that are not get a pronunciation from espeak-ng where
it is installed (the optional extra ``espeak``): its phonemes are mapped to the model's. The library keeps one state per
process and is not for two threads, so it is asked in a process of its own that ends with the answer.

Refuses: guessing from the letters alone. Without espeak-ng an unknown word is left out, and counted by whoever asked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from infra.config import child_environment
from stt.errors import SttError

SECONDS: Final = 60.0
_SAYABLE: Final = re.compile(r"[a-z][a-z'-]{1,30}")

# espeak-ng's American English phonemes (its IPA output) and the nearest phones of the CMU set. Longest first.
_PHONES: Final = (
    ("aɪəɹ", "AY ER"), ("aɪɚ", "AY ER"), ("aɪə", "AY AH"), ("aʊɚ", "AW ER"),
    ("tʃ", "CH"), ("dʒ", "JH"), ("aɪ", "AY"), ("aʊ", "AW"), ("eɪ", "EY"), ("oʊ", "OW"), ("ɔɪ", "OY"), ("əl", "AH L"),
    ("ɔːɹ", "AO R"), ("oːɹ", "AO R"), ("ɑːɹ", "AA R"), ("ɛɹ", "EH R"), ("ɪɹ", "IH R"), ("ʊɹ", "UH R"), ("ɜː", "ER"),
    ("iː", "IY"), ("uː", "UW"), ("ɑː", "AA"), ("ɔː", "AO"), ("oː", "AO"), ("ɚ", "ER"), ("ɝ", "ER"), ("ɐ", "AH"),
    ("ə", "AH"), ("ʌ", "AH"), ("æ", "AE"), ("ɛ", "EH"), ("e", "EY"), ("ɪ", "IH"), ("i", "IY"), ("ᵻ", "IH"), ("ɒ", "AA"),
    ("a", "AA"), ("ɑ", "AA"), ("ɔ", "AO"), ("o", "OW"), ("ʊ", "UH"), ("u", "UW"), ("y", "Y UW"), ("ø", "ER"),
    ("p", "P"), ("b", "B"), ("t", "T"), ("d", "D"), ("k", "K"), ("ɡ", "G"), ("g", "G"), ("f", "F"), ("v", "V"),
    ("θ", "TH"), ("ð", "DH"), ("s", "S"), ("z", "Z"), ("ʃ", "SH"), ("ʒ", "ZH"), ("h", "HH"), ("m", "M"), ("n̩", "AH N"),
    ("n", "N"), ("ŋ", "NG"), ("l", "L"), ("ɹ", "R"), ("r", "R"), ("j", "Y"), ("w", "W"), ("ɾ", "T"), ("ʔ", "T"),
    ("x", "K"), ("ç", "HH"), ("ɬ", "L"),
)  # fmt: skip


class DictionaryUnreadable(SttError):
    """The dictionary of pronunciations is not there or not readable. Install the recognizer's package again."""

    code = "stt_dictionary_unreadable"


def read_dictionary(path: Path) -> dict[str, list[str]]:
    """Word to its pronunciations (phones with blanks between). Raises ``DictionaryUnreadable``."""
    known: dict[str, list[str]] = {}
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                word, _, phones = line.strip().partition(" ")
                if phones and not word.startswith(";"):
                    known.setdefault(word.partition("(")[0] or word, []).append(phones.strip())
    except OSError as error:
        raise DictionaryUnreadable(f"{path} cannot be read: {error}") from error
    return known


def write_dictionary(words: Mapping[str, Sequence[str]], path: Path) -> None:
    """Write a dictionary that the recognizer reads; the second pronunciation of a word is its ``word(2)``."""
    with path.open("w", encoding="utf-8") as file:
        for word, pronunciations in words.items():
            for index, phones in enumerate(pronunciations):
                file.write(f"{word}{f'({index + 1})' if index else ''} {phones}\n")


def available() -> bool:
    """Whether unknown words can be pronounced here."""
    return find_spec("espeakng_loader") is not None


def pronounce(words: Sequence[str]) -> dict[str, str]:
    """Phones of each word that could be pronounced; empty without espeak-ng."""
    sayable = [word for word in words if _SAYABLE.fullmatch(word)]
    if not sayable or not available():
        return {}
    program = "from stt.pronunciation import answer; answer()"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", program],
            input=json.dumps(sayable),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            env=child_environment(PYTHONPATH=":".join(entry or str(Path.cwd()) for entry in sys.path)),
            check=True,
        )
        spoken = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}  # a library that does not work is like one that is not there: the words are counted as left out
    return {word: phones for word, ipa in zip(sayable, spoken, strict=True) if (phones := to_phones(ipa))}


def to_phones(ipa: str) -> str | None:
    """espeak-ng's phonemes to phones, ``None`` when there is one that English does not have."""
    rest = re.sub(r"[ˈˌ‿\u0303\u032f.;() _-]", "", ipa.strip())
    phones: list[str] = []
    while rest:
        if rest[0] == "ː":
            rest = rest[1:]
            continue
        for sign, phone in _PHONES:
            if rest.startswith(sign):
                phones.append(phone)
                rest = rest[len(sign) :]
                break
        else:
            return None
    return " ".join(phones) or None


def answer() -> None:
    """The child's part: a JSON list of words on stdin, their phonemes on stdout."""
    import ctypes

    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    retrieval, utf8, ipa = 1, 1, 0x02
    if library.espeak_Initialize(retrieval, 0, espeakng_loader.get_data_path().encode(), 0) <= 0:
        sys.exit("espeak-ng does not start")
    library.espeak_SetVoiceByName(b"en-us")
    spoken = []
    for word in json.load(sys.stdin):
        text = ctypes.c_char_p(word.encode())
        said = library.espeak_TextToPhonemes(ctypes.byref(text), utf8, ipa)
        spoken.append((said or b"").decode("utf-8", "replace"))
    json.dump(spoken, sys.stdout)
