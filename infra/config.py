"""The only reader of the environment and of settings files.

A setting is a field of a section; a section is a frozen pydantic model in the ``settings.py`` of the package that owns
it. Field ``url`` of section ``database`` is read, first hit wins, from the environment variable ``AICC_DATABASE_URL``,
from ``url`` in the table ``[database]`` of the settings file, and from the model's default. The settings file is TOML:
the one that ``AICC_CONFIG`` names, else ``aicc.toml`` in the working directory if there is one.

Refuses: knowing any section. Packages ask for theirs: ``load(SttSettings)``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.errors import ConfigError

PREFIX = "AICC_"


class Section(BaseModel):
    """The settings of one concern. Subclasses name their ``section`` and give every field a description."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    section: ClassVar[str]


S = TypeVar("S", bound=Section)


def load(model: type[S], environment: Mapping[str, str] | None = None) -> S:
    """Read one section. ``environment`` stands in for the process's own in tests.

    Raises ``ConfigError`` that names the variable or the file's key, and what was wrong with it.
    """
    env = os.environ if environment is None else environment
    values: dict[str, Any] = dict(_file_table(env, model.section))
    origins = {key: f"[{model.section}] {key} in {_settings_file(env)}" for key in values}
    for field in model.model_fields:
        variable = variable_name(model, field)
        if variable in env:
            values[field] = env[variable]
            origins[field] = variable
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = (
            f"{origins.get(str(problem['loc'][0]), model.section) if problem['loc'] else model.section}: "
            f"{problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigError(f"settings are not usable: {'; '.join(problems)}") from error


def variable_name(model: type[Section], field: str) -> str:
    """The environment variable of a field: ``AICC_<SECTION>_<FIELD>``."""
    return f"{PREFIX}{model.section}_{field}".upper()


def state_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Where everything embedded keeps its data: ``AICC_DATA``, else ``aicc`` in the user's state directory."""
    env = os.environ if environment is None else environment
    if chosen := env.get("AICC_DATA"):
        return Path(chosen).expanduser().resolve()
    base = env.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser().resolve() / "aicc"


def pairs(value: object) -> object:
    """``orders=http://10.0.0.5:8070, crm=https://crm.example`` as a mapping."""
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all("=" in part for part in parts):
        raise ValueError("write it as name=value, separated by commas")
    return {name.strip(): given.strip() for name, given in (part.split("=", 1) for part in parts)}


def flag(name: str, environment: Mapping[str, str] | None = None) -> bool:
    """Whether a plain switch such as ``CI`` is on."""
    env = os.environ if environment is None else environment
    return env.get(name, "").lower() in {"1", "true", "yes", "on"}


def set_variable(name: str, value: str) -> None:
    """Let a command line's option stand above the environment, for this process and its children."""
    os.environ[name] = value


def child_environment(**changes: str) -> dict[str, str]:
    """The environment for a child process: ours, with ``changes``."""
    return {**os.environ, **changes}


def _settings_file(env: Mapping[str, str]) -> Path | None:
    if named := env.get("AICC_CONFIG"):
        path = Path(named).expanduser()
        if not path.is_file():
            raise ConfigError(f"AICC_CONFIG names {path}, which is not a file")
        return path
    here = Path("aicc.toml")
    return here if here.is_file() else None


def _file_table(env: Mapping[str, str], section: str) -> dict[str, Any]:
    path = _settings_file(env)
    if path is None:
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}") from error
    table = content.get(section, {})
    if not isinstance(table, dict):
        raise ConfigError(f"[{section}] in {path} is not a table")
    return table
