"""Releases whose heads see what the knowledge sees of texts: terms of their language, vectors where a model reads it.

What is computed is so in threads and in the knowledge's process, never on the event loop, and takes limited time. Heads
that cannot be taught go by wording alone until they are taught again.

Refuses: changing the release that is given, by which conversations may go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from dialog.releases.release import Release
from dialog.understanding.features import Encoder
from dialog.understanding.heads import EmbeddedUnderstander

TOGETHER: Final = 4
"""Releases that are taught at once: the encoder is shared, so that more would only wait for it."""


async def all_taught(releases: Mapping[str, Release], encoder: Encoder) -> dict[str, Release]:
    """Each tenant's release, taught."""
    room = asyncio.Semaphore(TOGETHER)

    async def in_turn(release: Release) -> Release:
        async with room:
            return await taught(release, encoder)

    async with asyncio.TaskGroup() as teaching:
        tasks = {tenant: teaching.create_task(in_turn(release)) for tenant, release in releases.items()}
    return {tenant: task.result() for tenant, task in tasks.items()}


async def taught(release: Release, encoder: Encoder) -> Release:
    """The release with heads that see with ``encoder`` (see ``Head.taught``); as it is if it has no such heads."""
    understander = release.understander
    if not isinstance(understander, EmbeddedUnderstander):
        return release
    return replace(release, understander=await understander.taught(release.intents, encoder))
