"""A tenant's own language model: the recognizer's generic trigram bent towards what this tenant's callers talk about.

The tenant's knowledge, read as speech (``stt.spoken_text``), and typical phrasings of callers (``stt.phrasings``) make
a trigram with Witten-Bell smoothing; its probabilities are mixed with those of the bundled model, over the bundled
model's commonest words and all of the tenant's. Words without a pronunciation get one (``stt.pronunciation``) or are
left out and counted. The result is a folder with ``model.lm.bin``, ``words.dict`` and ``report.json``.

It is made when knowledge is ingested, in seconds, and is named after a digest of what went in: the same text is never
built twice. Loading it at a call takes a tenth of a second.

Refuses: building anything while a caller waits; languages other than English.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from stt import lm_trie, phrasings, pronunciation, spoken_text
from stt.lm_trie import LanguageModel
from stt.model_folder import DICTIONARY, MODEL, REPORT, make_current
from stt.ngrams import interpolate, witten_bell

VERSION: Final = 2
"""Raise it when the way of building changes, so that old builds are not taken for new ones."""
COMMON_WORDS: Final = 30_000
"""How many of the bundled model's words are kept: fewer make the decoder faster, and deaf to the rest. With 15 000
people who speak of something else are understood a quarter worse, with all 72 000 decoding costs a quarter more."""
SHARE: Final = 0.3
"""The weight of the tenant's text against the bundled model's: 0.15 to 0.3 is best for the perplexity of
other services' callers; more of it helps the tenant's own words and harms all others."""
QUESTIONS_COUNT: Final = 3
"""A question in the knowledge is how a caller talks: it counts this often."""

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0..1."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build was made of: counts of words and n-grams, and the words nobody can pronounce (at most 100)."""

    sentences: int
    words: int
    own_words: int
    pronounced: int
    skipped: int
    skipped_examples: tuple[str, ...]
    bigrams: int
    trigrams: int


def build_language_model(texts: Iterable[str], directory: Path, progress: Progress | None = None) -> Path:
    """Build the model of the knowledge ``texts``, or find it built, and make it the current one of ``directory``.

    Takes about ten seconds of one core and a few hundred megabytes: call it off the event loop. Gives the folder.
    Raises ``SttError`` when the bundled model cannot be read, ``OSError`` when the folder cannot be written.
    """
    report_progress = progress or (lambda _what, _share: None)
    texts = [text for text in texts if text.strip()]
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / _digest(texts)
    if not (target / REPORT).is_file():
        report_progress("reading the words", 0.0)
        with tempfile.TemporaryDirectory(dir=directory, prefix=".building-") as scratch:
            folder = Path(scratch) / "model"
            folder.mkdir()
            _build(texts, folder, report_progress)
            shutil.rmtree(target, ignore_errors=True)
            folder.rename(target)
    make_current(directory, target)
    report_progress("language model ready", 1.0)
    return target


def read_report(folder: Path) -> Report:
    """The report of a build."""
    content = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    return Report(**{**content, "skipped_examples": tuple(content["skipped_examples"])})


def spoken_sentences(texts: Iterable[str], known: dict[str, list[str]]) -> list[list[str]]:
    """All sentences that the model learns from: the knowledge's, its questions more often, and the phrasings."""
    learned: list[list[str]] = []
    for text in texts:
        for line in text.splitlines():
            for sentence in spoken_text.sentences(line, known):
                learned.extend([sentence] * (QUESTIONS_COUNT if "?" in line else 1))
    learned.extend(phrasings.sentences(phrasings.load()))
    return learned


def _build(texts: Sequence[str], folder: Path, progress: Progress) -> None:
    known = pronunciation.read_dictionary(lm_trie.bundled_directory() / "cmudict-en-us.dict")
    sentences = spoken_sentences(texts, known)
    own = sorted({word for sentence in sentences for word in sentence})
    progress("finding pronunciations", 0.1)
    found = pronunciation.pronounce([word for word in own if word not in known])
    skipped = [word for word in own if word not in known and word not in found]
    sayable = {word: [phones] for word, phones in found.items()} | known
    sentences = [run for sentence in sentences for run in _without(sentence, set(skipped))]

    progress("reading the generic model", 0.2)
    generic = lm_trie.bundled_model()
    progress("mixing the models", 0.5)
    vocabulary = _vocabulary(generic, sentences, sayable)
    model = interpolate(generic, witten_bell(sentences, vocabulary), vocabulary, SHARE)
    progress("writing the model", 0.8)
    lm_trie.write(model, folder / MODEL)
    pronunciation.write_dictionary({word: sayable[word] for word in vocabulary if word in sayable}, folder / DICTIONARY)
    report = Report(
        sentences=len(sentences),
        words=len(vocabulary),
        own_words=len(own),
        pronounced=len(found),
        skipped=len(skipped),
        skipped_examples=tuple(skipped[:100]),
        bigrams=len(model.bigrams.word),
        trigrams=len(model.trigrams.word),
    )
    (folder / REPORT).write_text(json.dumps(asdict(report), indent=1), encoding="utf-8")


def _vocabulary(
    generic: LanguageModel, sentences: Iterable[Sequence[str]], sayable: dict[str, list[str]]
) -> tuple[str, ...]:
    """The sentence marks, the commonest words of the generic model and every word of the sentences."""
    ranked = sorted(zip(generic.words, generic.unigrams.probability, strict=True), key=lambda pair: -pair[1])
    common = [word for word, _ in ranked if word in sayable][:COMMON_WORDS]
    return ("<s>", "</s>", *sorted({*common, *(word for sentence in sentences for word in sentence)}))


def _without(sentence: Sequence[str], unsayable: set[str]) -> list[list[str]]:
    """The stretches between words that nobody can pronounce: what was around them is still said together."""
    runs: list[list[str]] = [[]]
    for word in sentence:
        if word in unsayable:
            runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _digest(texts: Iterable[str]) -> str:
    digest = hashlib.sha256(f"{VERSION} {COMMON_WORDS} {SHARE} {pronunciation.available()}".encode())
    digest.update(phrasings.PATTERNS.read_bytes())
    for text in sorted(texts):
        digest.update(hashlib.sha256(text.encode()).digest())
    return "en-" + digest.hexdigest()[:24]
