from __future__ import annotations

import asyncio

import pytest

from gateway.session.consultation import Consulted
from gateway.telephony.leg import DtmfReceived, HungUp, LegEvent
from tests.gateway.session.desk_stage import heard_at, now
from tests.gateway.session.stage import OUR_VOICE, WORD, FarEnd, Mouth
from tests.virtual_time import run


def test_they_are_told_at_the_pace_at_which_it_is_heard() -> None:
    async def main() -> None:
        far_end = FarEnd()
        began = now()
        await Consulted(far_end).tell(Mouth(), ("one two", "three"), "en")
        assert len(heard_at(far_end, OUR_VOICE)) == round(3 * WORD / 0.02)
        assert now() - began == pytest.approx(3 * WORD, abs=0.15)
        await far_end.hang_up("")

    run(main())


def test_only_the_key_that_is_waited_for_counts_also_when_it_came_before() -> None:
    async def main() -> None:
        far_end = FarEnd()
        leg = Consulted(far_end)
        far_end.tell(DtmfReceived("5", 0.0))
        far_end.tell(DtmfReceived("1", 0.0))
        await asyncio.sleep(0.1)
        assert await leg.pressed("1")
        far_end.tell(HungUp("gone"))
        assert not await leg.pressed("1")
        assert leg.gone.result() == "gone"

    run(main())


def test_who_has_hung_up_is_told_no_more_and_whoever_listens_next_is_told_of_the_end() -> None:
    async def main() -> None:
        far_end = FarEnd()
        leg = Consulted(far_end)
        far_end.tell(HungUp("gone"))
        await asyncio.sleep(0.1)
        await leg.tell(Mouth(), ("one two three",), "en")
        assert far_end.sent == []
        heard: list[LegEvent] = []
        leg.listen(heard.append)
        await asyncio.sleep(0)
        assert heard == [HungUp("gone")]
        with pytest.raises(RuntimeError):
            leg.listen(heard.append)

    run(main())


def test_once_somebody_listens_they_hear_everything() -> None:
    async def main() -> None:
        far_end = FarEnd()
        leg = Consulted(far_end)
        heard: list[LegEvent] = []
        leg.listen(heard.append)
        far_end.tell(DtmfReceived("7", 0.0))
        await asyncio.sleep(0.05)
        assert DtmfReceived("7", 0.0) in heard
        assert len(heard) > 1
        assert leg.info is far_end.info
        await leg.hang_up("")

    run(main())
