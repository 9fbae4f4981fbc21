from pathlib import Path as Folder

import pytest

from dialog.actions.action import Failed, FailureKind, Succeeded
from gateway.commands.evaluate.counted_service import Behaviour
from gateway.commands.evaluate.kinds import actions
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.promises import Path, Trial

DONE, NOT_DONE = Succeeded({}), Failed(FailureKind.UNAVAILABLE)


def test_promises_are_told_beside_those_of_a_client_that_asks_again() -> None:
    naive = {Behaviour.LOST: Trial(Path.APPROVE, Behaviour.LOST, 3, 0, (NOT_DONE,))}
    kept = Trial(Path.APPROVE, Behaviour.LOST, 1, 0, (DONE,))
    broken = Trial(Path.REJECT, Behaviour.LOST, 0, 1, (NOT_DONE,))
    figures = actions.promised([kept, broken], naive)
    assert (figures["approve"]["kept"].value, figures["reject"]["kept"].value) == (1.0, 0.0)
    assert (figures["all"]["at_most_once"].value, figures["all"]["at_most_once"].baseline) == (0.5, 0.0)
    assert (figures["all"]["most_effects"].value, figures["all"]["most_effects"].baseline) == (1.0, 3.0)


async def test_what_was_not_replayed_is_not_known(tmp_path: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> list[Trial]:
        return []

    async def nobody(*_: object) -> dict[Behaviour, Trial]:
        return {}

    monkeypatch.setattr(actions, "tried", nothing)
    monkeypatch.setattr(actions, "naively", nobody)
    around = Surroundings(tmp_path, tmp_path, tmp_path, None, lambda line: None)
    findings = await actions.measure(actions.Options(), around)
    assert findings.figures["tau2"]["replayed"].value is None
    assert findings.figures["all"]["kept"].value is None
    assert "tau2" in findings.notes[0]
