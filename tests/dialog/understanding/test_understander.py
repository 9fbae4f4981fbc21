"""The contract of understanders."""

from __future__ import annotations

from dialog.releases.release import Release
from dialog.turn import CallerTurn
from dialog.understanding.understander import Listening, Understander, Understanding


def test_by_default_nothing_is_waited_for() -> None:
    listening = Listening()
    assert (listening.flow, listening.slot, listening.choices) == (None, None, ())
    assert not listening.yes_no
    assert not listening.more


async def test_the_embedded_one_keeps_the_contract(release: Release) -> None:
    understander: Understander = release.understander
    understanding = await understander.understand(CallerTurn(1, "배송비가 얼마예요", "ko"), Listening())
    assert isinstance(understanding, Understanding)
    assert understanding.judgement is not None
    assert all(0.0 <= command.confidence <= 1.0 for command in understanding.commands)
