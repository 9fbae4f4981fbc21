"""Flows: whole dialogs with a tenant that acts, from scripts, judged on what was said, asked, decided and done.

The dialog, its knowledge and the services are as a gateway serves them; only the clock stands still. A dialog passes as
a whole; each expectation counts for itself beside that.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dialog.actions.action import ActionPort
from dialog.manager import DialogueManager
from dialog.settings import DialogSettings
from dialog.yaml_source import Shape
from gateway.commands.evaluate.figures import Figure, Findings
from gateway.commands.evaluate.kinds.retrieval import share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.rehearsal import Aspect, Held, StandingClock, complaints, rehearse
from gateway.commands.evaluate.resampling import evenly
from gateway.commands.evaluate.scripts import Script, read_scripts
from gateway.commands.evaluate.tenant_house import tenant_folder, tenant_house
from gateway.commands.services import example_services
from infra.config import load

PATIENCE = 8.0
"""Seconds until a caller is asked for patience: longer than any drill, so that replies do not hang on the machine."""

Played = tuple[Script, tuple[Held, ...]]


class Options(Shape):
    """A tenant, and the folder of its scripts, relative to the suite's own."""

    tenant: str
    scripts: Path


async def measure(options: Options, around: Surroundings) -> Findings:
    """The share of dialogs that went as they must, by language and over all, and of each kind of expectation."""
    scripts = evenly(read_scripts((around.suite / options.scripts).resolve()), around.limit)
    folder = tenant_folder(options.tenant, around.suite)
    settings = load(DialogSettings).model_copy(update={"filler_after": PATIENCE})
    async with tenant_house(folder, around.work, around.tell) as (house, tenant):
        release = house.dialogues[tenant].release

        def opened(port: ActionPort) -> DialogueManager:
            return DialogueManager(release, house.knowledge, port, StandingClock(), settings)

        played = []
        for script in scripts:
            async with example_services((folder,)) as urls:
                played.append((script, await rehearse(script, urls, opened)))
    around.tell(f"{len(played)} dialogs played")
    return told(played)


def told(played: Sequence[Played]) -> Findings:
    """The figures of dialogs that were played. Pure."""
    languages = sorted({script.dialog.language for script, _ in played})
    groups: dict[str, list[Played]] = {
        code: [one for one in played if one[0].dialog.language == code] for code in languages
    }
    figures = {group: _of(some) for group, some in {**groups, "all": list(played)}.items()}
    return Findings(figures, problems=tuple(told for _, held in played for told in complaints(held)))


def _of(played: Sequence[Played]) -> dict[str, Figure]:
    passed = [not complaints(held) for _, held in played]
    figures = {"passed": share(passed, range(len(passed)))}
    for aspect in Aspect:
        met = [
            (at, one.complaint is None) for at, (_, held) in enumerate(played) for one in held if one.aspect is aspect
        ]
        figures[aspect.value] = share([good for _, good in met], [at for at, _ in met])
    return figures
