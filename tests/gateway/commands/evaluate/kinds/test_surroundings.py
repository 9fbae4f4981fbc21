from pathlib import Path

from gateway.commands.evaluate.kinds.surroundings import Surroundings


def test_progress_goes_where_it_was_asked_to() -> None:
    told: list[str] = []
    Surroundings(Path("data"), Path("suites"), Path("work"), None, told.append).tell("half")
    assert told == ["half"]
