"""Programs from outside that some tests use: on a newcomer's machine a missing one is a skip, under CI a failure."""

from __future__ import annotations

import shutil

import pytest

from infra.config import flag


def require(program: str, package: str) -> str:
    """The program's path. Without it the test is skipped with what to install; with ``CI=true`` it fails."""
    path = shutil.which(program)
    if path is not None:
        return path
    message = f"{program} is not installed; on Debian: apt-get install {package}"
    if flag("CI"):
        pytest.fail(message)
    pytest.skip(message)
