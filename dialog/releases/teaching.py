"""A release whose heads see what the knowledge sees of texts: terms of their language, vectors where a model reads it.

Refuses: changing the release that is given, which goes by wording alone and by which conversations may go on.
"""

from __future__ import annotations

from dataclasses import replace

from dialog.releases.release import Release
from dialog.understanding.features import Encoder
from dialog.understanding.heads import EmbeddedUnderstander


async def taught(release: Release, encoder: Encoder) -> Release:
    """The release with heads that see with ``encoder`` (see ``Head.taught``); as it is if it has no such heads."""
    understander = release.understander
    if not isinstance(understander, EmbeddedUnderstander):
        return release
    return replace(release, understander=await understander.taught(release.intents, encoder))
