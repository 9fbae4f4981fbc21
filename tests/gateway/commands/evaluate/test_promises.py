"""That a promise broken would be seen; that the action layer keeps them is what ``aicc eval actions`` tells."""

from dialog.actions.action import Failed, FailureKind, Succeeded, Unknown
from dialog.actions.http_actions import HttpActions
from gateway.commands.evaluate.counted_service import Behaviour, counting
from gateway.commands.evaluate.promises import Path, Trial, naively, tried

DONE, NOT_DONE = Succeeded({}), Failed(FailureKind.UNAVAILABLE)


def test_a_trial_sees_what_was_not_kept() -> None:
    good = Trial(Path.APPROVE, Behaviour.WELL, 1, 0, (DONE,))
    assert good.kept
    assert not Trial(Path.APPROVE, Behaviour.WELL, 2, 0, (DONE,)).once
    assert not Trial(Path.REJECT, Behaviour.WELL, 0, 1, (NOT_DONE,)).once
    assert not Trial(Path.APPROVE, Behaviour.FAILS, 0, 0, (DONE,)).truthful
    assert not Trial(Path.APPROVE, Behaviour.LOST, 1, 0, (NOT_DONE,)).truthful
    assert not Trial(Path.APPROVE, Behaviour.WELL, 0, 0, (NOT_DONE,)).kept
    unsure = Trial(Path.DUPLICATE, Behaviour.SLOW, 1, 0, (DONE, Unknown()))
    assert unsure.kept
    assert unsure.unknown
    assert "duplicate, slow: 1 effects" in unsure.complaint


async def test_the_action_layer_keeps_them_where_a_client_that_asks_again_does_not() -> None:
    with counting() as service:
        port = HttpActions()
        naive, trials = await naively(service, port), await tried(service, port)
        await port.close()
    assert [trial.complaint for trial in trials if not trial.kept] == []
    assert {trial.path for trial in trials} == set(Path)
    assert not naive[Behaviour.LOST].once
    assert not naive[Behaviour.LOST].truthful
