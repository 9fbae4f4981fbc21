"""Tests that share a gateway or ports stay together when several processes test: what the runner promises, and one
release of it did not keep (pytest 9.2 with pytest-xdist 3.8)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.xdist_group("kept together")


def test_a_test_of_a_group_is_known_as_such_to_the_runner(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):
        pytest.skip("one process runs all tests: they are together anyway")
    assert request.node.nodeid.endswith("@kept together")
