"""Functions as actions: in another process, within their time, and only those that are offered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk, Service, Succeeded, Unknown
from dialog.actions.python_actions import PythonActions, open_python_actions
from dialog.errors import ActionModuleRefused

PRICE = {"type": "object", "required": ["price"], "properties": {"price": {"type": "integer"}}}
ITEM = {"type": "object", "properties": {"item": {"type": "string"}}}
QUOTE = Action("quote", Service("prices", "python:prices"), "", "quote", Risk.READ_ONLY, 5.0, ITEM, PRICE)
HOLD = replace(QUOTE, id="hold", path="hold", risk=Risk.REVERSIBLE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port() -> AsyncIterator[PythonActions]:
    port = await open_python_actions({"prices": "tests.dialog.sample_actions"})
    yield port
    await port.close()


async def ask(port: PythonActions, action: Action, item: str) -> Outcome:
    return await port.perform(action, {"item": item}, key="k")


@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_function_gives_back_is_the_result_as_far_as_it_was_described(port: PythonActions) -> None:
    assert await ask(port, QUOTE, "kettle") == Succeeded({"price": 39000})
    assert await ask(port, HOLD, "kettle") == Succeeded({"price": 1})


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("action", "item", "kind"),
    [(QUOTE, "nothing", FailureKind.NOT_FOUND), (HOLD, "sold", FailureKind.REJECTED)],
)
async def test_what_says_that_it_did_nothing_is_believed(
    port: PythonActions, action: Action, item: str, kind: FailureKind
) -> None:
    outcome = await ask(port, action, item)
    assert isinstance(outcome, Failed)
    assert outcome.kind is kind


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("function", ["not_offered", "__import__", "HELD"])
async def test_what_is_not_offered_is_not_called(port: PythonActions, function: str) -> None:
    outcome = await ask(port, replace(HOLD, path=function), "kettle")
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.UNAVAILABLE


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("item", ["broken", "odd", "slow", "deadly"])
async def test_of_everything_else_nobody_knows(port: PythonActions, item: str) -> None:
    limit = 0.3 if item == "slow" else 5.0
    assert isinstance(await ask(port, replace(HOLD, timeout=limit), item), Unknown)


@pytest.mark.parametrize("module", ["tests.dialog.no_such_module", "tests.dialog.shop"])
async def test_a_module_that_offers_nothing_is_refused_at_the_start(module: str) -> None:
    with pytest.raises(ActionModuleRefused, match=module):
        await open_python_actions({"prices": module})
