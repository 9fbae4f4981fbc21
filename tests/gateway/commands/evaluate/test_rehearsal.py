"""That a script is held against what happens; the scripts themselves are played in ``tests/dialogs``."""

from dialog.actions.action import ActionPort
from dialog.manager import DialogueManager
from dialog.releases.release import Release
from gateway.commands.evaluate.rehearsal import Aspect, Held, StandingClock, complaints, rehearse
from gateway.commands.evaluate.scripts import Dialog, Script
from tests.dialog.surroundings import SmallSearch
from tests.dialogs.shop import shop


async def played(release: Release, *turns: dict[str, object], **more: object) -> tuple[Held, ...]:
    dialog = Dialog.model_validate({"about": "a trial", "language": "en", "turns": turns, **more})
    script = Script("trial", dialog, tuple(range(1, len(turns) + 1)))

    def opened(port: ActionPort) -> DialogueManager:
        return DialogueManager(release, SmallSearch(), port, StandingClock())

    with shop() as services:
        return await rehearse(script, services.urls, opened)


async def test_each_wrong_expectation_is_a_complaint_of_its_aspect(release: Release) -> None:
    held = await played(
        release,
        {"caller": "please cancel my order", "says": ["eight digits", "a poem"], "flow": "refund_order"},
        {"caller": "two zero two six one two zero three", "expects": "yes_no"},
        then={"orders": {"20261203": {"status": "cancelled"}}, "changes": ["cancel_order"]},
    )
    wrong = [one.aspect for one in held if one.complaint is not None]
    assert wrong == [Aspect.SAID, Aspect.DECIDED, Aspect.ASKED, Aspect.DONE, Aspect.DONE]
    assert "trial.yaml:1" in complaints(held)[0]
    assert "a poem" in complaints(held)[0]


async def test_a_change_in_a_drill_is_treated_badly_and_a_look_is_not(release: Release) -> None:
    held = await played(
        release,
        {"caller": "please cancel my order"},
        {"caller": "two zero two six one two zero three"},
        {"keys": "04524", "says": ["Shall I cancel"]},
        {"caller": "yes", "never": ["has been cancelled"], "hands_over": "action_unknown"},
        drills={"20261203": "503"},
        then={"orders": {"20261203": {"status": "preparing"}}},
    )
    assert complaints(held) == ()


async def test_a_code_that_was_sent_stands_in_for_itself(release: Release) -> None:
    held = await played(
        release,
        {"caller": "i would like to request a refund"},
        {"caller": "two zero two six zero eight one five"},
        {"keys": "04524"},
        {"caller": "it arrived broken"},
        {"caller": "yes"},
        {"caller": "yes", "says": ["I have sent the code"]},
        {"keys": "{code}", "says": ["the code is right"]},
        then={"changes": ["send_code"], "mail": ["Your code for Hanbit Store"]},
    )
    assert complaints(held) == ()


async def test_what_is_not_there_has_no_fields(release: Release) -> None:
    held = await played(release, {"caller": "hello"}, then={"visits": {"5550000000": {"people": 2}}})
    assert len(complaints(held)) == 1
