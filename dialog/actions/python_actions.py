"""Actions in Python: functions of modules that whoever runs the house has named, in a process of their own.

A tenant's file says ``python:prices``; which module that is, configuration says (``AICC_DIALOG_ACTION_MODULES``), so
that nobody who may edit a tenant's files can have other code run. Of a module only what its ``ACTIONS`` lists is
called: ``def quote(arguments: dict, key: str) -> dict``. A ``LookupError`` means that there is no such thing, a
``ValueError`` that it was refused, both that nothing was done; after anything else, a time-out or the death of the
process, nobody knows.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Succeeded, lost
from dialog.errors import ActionModuleRefused
from dialog.schema import only_known, violations
from infra.errors import AiccError
from infra.workers import PoolFull, WorkerPool, WorkerTimeout

STUCK_AFTER = 35.0
"""Seconds after which a function that does not come back is ended with its process: longer than any action may take."""

_REFUSALS = {LookupError: FailureKind.NOT_FOUND, ValueError: FailureKind.REJECTED}


class ModuleHost:
    """What runs in the worker process: the functions that modules offer as actions."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._functions: dict[tuple[str, str], Callable[..., Any]] = {}
        for name, module_name in modules.items():
            try:
                module = importlib.import_module(module_name)
            except ImportError as error:
                raise ActionModuleRefused(f"{module_name} cannot be imported ({error}): install it") from error
            offered = getattr(module, "ACTIONS", None)
            if offered is None:
                raise ActionModuleRefused(f"{module_name} has no ACTIONS: list the functions that may be called")
            for function in offered:
                self._functions[name, function.__name__] = function

    def perform(self, module: str, function: str, arguments: dict[str, object], key: str) -> tuple[str | None, Any]:
        """The function's result; or the kind of failure that certainly did nothing, and its reason."""
        wanted = self._functions.get((module, function))
        if wanted is None:
            return FailureKind.UNAVAILABLE.value, f"{module} offers no {function}"
        try:
            return None, wanted(arguments, key)
        except (LookupError, ValueError) as error:
            kind = next(kind for family, kind in _REFUSALS.items() if isinstance(error, family))
            return kind.value, str(error)


class PythonActions:
    """Calls functions in worker processes. Made by ``open_python_actions``; ``close`` ends the processes."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Carry the action out within its time. Every failure comes back as an outcome; nothing is raised."""
        module = urlsplit(action.service.url).path
        try:
            refused, answer = await self._pool.call(
                "perform", module, action.path, dict(arguments), key, timeout=action.timeout
            )
        except PoolFull as error:
            return Failed(FailureKind.UNAVAILABLE, str(error), attempts=0)
        except WorkerTimeout as error:
            return lost(action, FailureKind.TIMED_OUT, str(error))
        except AiccError as error:
            return lost(action, FailureKind.UNAVAILABLE, str(error))
        if refused is not None:
            return Failed(FailureKind(refused), str(answer))
        broken = violations(action.result, answer)
        if broken:
            return lost(action, FailureKind.MALFORMED, "its answer does not fit its schema: " + "; ".join(broken[:5]))
        known = only_known(action.result, answer)
        return Succeeded(known) if isinstance(known, dict) else lost(action, FailureKind.MALFORMED, "it is no object")

    async def close(self) -> None:
        """End the processes."""
        await self._pool.close()


async def open_python_actions(modules: Mapping[str, str], *, processes: int = 1) -> PythonActions:
    """Start the processes that call the functions of ``modules`` (by the names that tenants use).

    Raises ``ActionModuleRefused`` for a module that is not there or offers nothing.
    """
    pool = WorkerPool(ModuleHost, dict(modules), processes=processes, name="actions", stuck_after=STUCK_AFTER)
    await pool.start()
    return PythonActions(pool)
