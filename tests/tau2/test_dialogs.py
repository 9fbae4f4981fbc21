"""Ten retail tasks of tau2-bench as whole dialogs by text: the caller only says sentences, the dialogue manager and the
action layer do the rest, and the shop's database ends as the task wants it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dialog.actions.http_actions import HttpActions
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.releases.release import Release, load_release
from dialog.turn import CallerTurn, Speaker, Utterance
from gateway.commands.evaluate.rehearsal import StandingClock
from gateway.commands.evaluate.retail_replay import Retail, read_retail
from gateway.commands.evaluate.retail_shop import RetailShop, serving
from gateway.commands.evaluate.scripts import Script, read_scripts
from tests.dialog.surroundings import SmallSearch
from tests.house import ROOT
from tests.tau2.spoken_shop import Desk

DATA = ROOT.parent / "shared" / "data"
HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(not (DATA / "tau2").is_dir(), reason=f"the tasks of tau2-bench are not in {DATA}")


SCRIPTS = read_scripts(HERE / "dialogs")


@pytest.fixture(scope="module")
def release() -> Release:
    return load_release(HERE / "tenant")


@pytest.fixture(scope="module")
def retail() -> Retail:
    return read_retail(DATA)


async def played(shop: RetailShop, release: Release, turns: Sequence[tuple[str, tuple[str, ...]]]) -> None:
    """Say all of it, and hold what is said back against the words that must be in it."""
    with serving(shop, Desk(shop).looks) as url:
        port = HttpActions({"shop": url})
        manager = DialogueManager(release, SmallSearch(()), port, StandingClock())
        conversation = manager.begin(call_id="call", language="en", caller=None, journal=MemoryJournal())
        for number, (caller, wanted) in enumerate(turns, 1):
            turn = CallerTurn(number, caller, "en")
            said = " ".join([reply.text async for reply in manager.respond(conversation, turn)])
            manager.heard(conversation, Utterance(Speaker.BOT, said, number))
            assert all(words in said for words in wanted), (caller, said)
        await manager.finish(conversation)
        await port.close()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"task {script.name}")
async def test_a_task_ends_as_it_must_by_what_the_caller_says(script: Script, release: Release, retail: Retail) -> None:
    shop = retail.shop()
    await played(shop, release, [(turn.caller, turn.says) for turn in script.dialog.turns])
    expected = retail.expected_shop(next(task for task in retail.tasks if task["id"] == script.name))
    assert expected.changes
    assert shop.changes == expected.changes
    assert shop.db == expected.db


async def test_a_no_leaves_everything_as_it_was(release: Release, retail: Retail) -> None:
    shop = retail.shop()
    turns = [(turn.caller, turn.says) for turn in SCRIPTS[0].dialog.turns[:-1]]
    await played(shop, release, [*turns, ("no", ("leave it as it is",))])
    assert not shop.changes
    assert shop.db == retail.shop().db


async def test_nobody_gets_at_somebody_elses_order(release: Release, retail: Retail) -> None:
    shop = retail.shop()
    wish = [("i want to cancel my order", ()), ("daiki.silva6295@example.com", ()), ("it is W5056519", ("agent",))]
    await played(shop, release, wish)
    assert not shop.changes


def test_there_are_ten() -> None:
    assert len(SCRIPTS) >= 10
