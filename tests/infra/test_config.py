from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field

from infra import config
from infra.errors import ConfigError


class Ovens(config.Section):
    """Settings of an oven."""

    section: ClassVar[str] = "oven"

    degrees: int = Field(default=180, ge=0, description="how hot")
    name: str | None = Field(default=None, description="what it is called")


def test_the_environment_beats_the_file_and_the_file_the_default(tmp_path: Path) -> None:
    file = tmp_path / "aicc.toml"
    file.write_text('[oven]\ndegrees = 200\nname = "big"\n')
    env = {"AICC_CONFIG": str(file)}
    assert config.load(Ovens, {}) == Ovens()
    assert config.load(Ovens, env) == Ovens(degrees=200, name="big")
    assert config.load(Ovens, {**env, "AICC_OVEN_DEGREES": "220"}).degrees == 220


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[oven]\ndegrees = -1\n", r"\[oven\] degrees in .*aicc\.toml"),
        ("[oven]\nknob = 1\n", "knob"),
        ("oven = 3\n", "is not a table"),
        ("[oven\n", "cannot be read as TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, content: str, named: str) -> None:
    file = tmp_path / "aicc.toml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=named):
        config.load(Ovens, {"AICC_CONFIG": str(file)})


def test_a_mistake_in_the_environment_is_named() -> None:
    with pytest.raises(ConfigError, match="AICC_OVEN_DEGREES"):
        config.load(Ovens, {"AICC_OVEN_DEGREES": "hot"})


def test_a_file_that_is_named_and_missing_is_an_error() -> None:
    with pytest.raises(ConfigError, match="not a file"):
        config.load(Ovens, {"AICC_CONFIG": "/nowhere/aicc.toml"})


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"AICC_DATA": "/srv/aicc", "XDG_STATE_HOME": "/state"}, "/srv/aicc"),
        ({"XDG_STATE_HOME": "/state"}, "/state/aicc"),
        ({}, str(Path("~/.local/state/aicc").expanduser())),
    ],
)
def test_the_data_directory_is_the_users_own_unless_it_is_named(env: dict[str, str], expected: str) -> None:
    assert config.state_directory(env) == Path(expected)


@pytest.mark.parametrize(("value", "on"), [("true", True), ("1", True), ("", False), ("no", False), ("0", False)])
def test_a_plain_switch(value: str, on: bool) -> None:
    assert config.flag("CI", {"CI": value}) is on


def test_a_child_gets_our_environment_with_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AICC_OVEN_NAME", raising=False)
    config.set_variable("AICC_OVEN_NAME", "small")
    assert config.child_environment(AICC_OVEN_DEGREES="90")["AICC_OVEN_NAME"] == "small"
    assert config.load(Ovens).name == "small"
    monkeypatch.delenv("AICC_OVEN_NAME")
