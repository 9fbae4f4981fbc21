"""A second opinion: Presidio's recognizers for the same kinds of personal data, where its package is installed.

Only what works by rules is asked (patterns, check digits, telephone numbers by libphonenumber for Korea and the United
States), in both languages and with the Korean recognizers that it leaves off by itself; names and addresses would take
a language model's weights, which do not come with the package.

Refuses: standing in for our own detector; it takes milliseconds, and what is spoken it does not read.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from dialog.errors import PrivacyOpinionAbsent
from dialog.privacy.kinds import Found, PersonalKind

LIKELY = 0.35
"""Scores below are mere guesses: any number of the right length."""

_KINDS = {
    "KR_RRN": PersonalKind.REGISTRATION,
    "KR_FRN": PersonalKind.REGISTRATION,
    "US_SSN": PersonalKind.REGISTRATION,
    "CREDIT_CARD": PersonalKind.CARD,
    "IBAN_CODE": PersonalKind.ACCOUNT,
    "US_BANK_NUMBER": PersonalKind.ACCOUNT,
    "KR_PASSPORT": PersonalKind.PASSPORT,
    "US_PASSPORT": PersonalKind.PASSPORT,
    "KR_DRIVER_LICENSE": PersonalKind.DRIVING_LICENCE,
    "US_DRIVER_LICENSE": PersonalKind.DRIVING_LICENCE,
    "PHONE_NUMBER": PersonalKind.PHONE,
    "EMAIL_ADDRESS": PersonalKind.EMAIL,
}
_REGIONS = ("KR", "US")


def second_opinion(text: str, language: str) -> tuple[Found, ...]:
    """What Presidio finds in ``text``, in order; of what overlaps the surer. Raises ``PrivacyOpinionAbsent`` where its
    package is not installed."""
    taken: list[Any] = []
    for one in sorted(_analyzer().analyze(text, language), key=lambda one: (-one.score, one.start - one.end)):
        near = all(one.end <= other.start or other.end <= one.start for other in taken)
        if one.entity_type in _KINDS and one.score >= LIKELY and near:
            taken.append(one)
    return tuple(Found(one.start, one.end, _KINDS[one.entity_type]) for one in sorted(taken, key=lambda one: one.start))


@cache
def _analyzer() -> Any:
    try:
        import spacy
        import tldextract
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer import predefined_recognizers as recognizers
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError as error:
        raise PrivacyOpinionAbsent(f"Presidio is not installed: pip install aicc[presidio] ({error})") from error
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    # The list of public suffixes that comes with the package; by itself it would ask the network for a newer one.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class Words(SpacyNlpEngine):  # type: ignore[misc, valid-type, unused-ignore]
        """Words alone: a tokenizer, and nothing that would have to be downloaded."""

        def __init__(self) -> None:
            super().__init__()
            self.nlp: Any = {"en": spacy.blank("en"), "ko": spacy.blank("xx")}

        def load(self) -> None:
            """Nothing to load."""

    registry = RecognizerRegistry(supported_languages=["en", "ko"])
    for language in ("en", "ko"):
        for recognizer in (
            recognizers.CreditCardRecognizer,
            recognizers.EmailRecognizer,
            recognizers.IbanRecognizer,
            recognizers.UsSsnRecognizer,
            recognizers.UsBankRecognizer,
            recognizers.UsPassportRecognizer,
            recognizers.UsLicenseRecognizer,
            recognizers.KrRrnRecognizer,
            recognizers.KrFrnRecognizer,
            recognizers.KrPassportRecognizer,
            recognizers.KrDriverLicenseRecognizer,
        ):
            registry.add_recognizer(recognizer(supported_language=language))
        registry.add_recognizer(recognizers.PhoneRecognizer(supported_language=language, supported_regions=_REGIONS))
    return AnalyzerEngine(registry=registry, nlp_engine=Words(), supported_languages=["en", "ko"])
