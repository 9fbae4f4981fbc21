"""Dialogs: whole conversations by text with a tenant, each held against what must and must not come of it.

Flows, actions and attacks are suites of this kind; what differs is in their files. A dialog passes or fails as a
whole: a wrong word in its last turn is a failure.
"""

from __future__ import annotations

from pydantic import Field

from dialog.yaml_source import Shape
from gateway.api.chats import Chats
from gateway.commands.evaluate.dialogs import Dialog, complaints, read_dialogs
from gateway.commands.evaluate.errors import EvaluationError
from gateway.commands.evaluate.figures import Findings
from gateway.commands.evaluate.kinds.retrieval import share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.resampling import evenly
from gateway.commands.evaluate.tenant_house import tenant_folder, tenant_house
from gateway.session.records import EndReason
from gateway.session.text import Said


class Options(Shape):
    """A tenant, and files of dialogs that lie beside the suite."""

    tenant: str
    files: tuple[str, ...] = Field(min_length=1)


async def measure(options: Options, around: Surroundings) -> Findings:
    """The share of dialogs that went as they must, by language; what went wrong is among the problems."""
    dialogs = evenly(read_dialogs([around.suite / name for name in options.files]), around.limit)
    passed: dict[str, list[bool]] = {}
    problems: list[str] = []
    async with tenant_house(tenant_folder(options.tenant, around.suite), around.work, around.tell) as (house, tenant):
        for dialog in dialogs:
            if dialog.language not in house.tenants[tenant].languages:
                raise EvaluationError(f"{dialog.id}: the tenant {tenant} does not speak {dialog.language!r}")
            wrong = await played(house.chats, tenant, dialog)
            passed.setdefault(dialog.language, []).append(not wrong)
            problems += wrong
    around.tell(f"{len(dialogs)} dialogs played, {sum(map(sum, passed.values()))} as they must go")
    figures = {code: {"passed": share(of, range(len(of)))} for code, of in sorted(passed.items())}
    every = [one for of in passed.values() for one in of]
    return Findings({**figures, "all": {"passed": share(every, range(len(every)))}}, problems=tuple(problems))


async def played(chats: Chats, tenant: str, dialog: Dialog) -> list[str]:
    """What went wrong in one dialog; it is left at the first turn that went wrong."""
    chat, _ = await chats.begin(tenant, dialog.language)
    try:
        for number, turn in enumerate(dialog.turns):
            replies, over = await chats.turn(tenant, chat, turn.caller)
            wrong = complaints(dialog, number, Said(replies, over))
            if wrong:
                return wrong
            if over and number + 1 < len(dialog.turns):
                return [f"{dialog.id}, turn {number + 1}: the conversation was over too early"]
        return []
    finally:
        await chats.end(tenant, chat, EndReason.CALLER_HUNG_UP)
