"""Actions: does the action layer keep its promises, whatever becomes of a proposal and however its service behaves?

What happened is counted at the service. The baseline is a client that asks again until it hears a success. Beside that,
the retail tasks of tau2-bench are replayed where the data set is there; where it is not, nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialog.actions.http_actions import HttpActions
from dialog.yaml_source import Shape
from gateway.commands.evaluate.counted_service import Behaviour, counting
from gateway.commands.evaluate.errors import DataAbsent
from gateway.commands.evaluate.figures import Figure, Figures, Findings
from gateway.commands.evaluate.kinds.retrieval import share
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.promises import Path, Trial, naively, tried
from gateway.commands.evaluate.resampling import evenly
from gateway.commands.evaluate.retail_replay import read_retail, replayed


class Options(Shape):
    """Whether the tasks of tau2-bench are replayed, too."""

    tau2: bool = True


async def measure(options: Options, around: Surroundings) -> Findings:
    """Figures by what becomes of a proposal, over all, and of the replay."""
    with counting() as service:
        port = HttpActions()
        try:
            naive, trials = await naively(service, port), await tried(service, port)
        finally:
            await port.close()
    around.tell(f"{len(trials)} trials of the action layer")
    problems = [trial.complaint for trial in trials if not trial.kept]
    notes: list[str] = []
    figures = dict(promised(trials, naive))
    if options.tau2:
        figures["tau2"], wrong, note = await _replay(around)
        problems += wrong
        notes += note
    return Findings(figures, notes=tuple(notes), problems=tuple(problems))


def promised(trials: Sequence[Trial], naive: Mapping[Behaviour, Trial]) -> Figures:
    """The figures of the trials. Pure."""
    paths = {
        path.value: {"kept": share([trial.kept for trial in of], range(len(of)))}
        for path in Path
        if (of := [trial for trial in trials if trial.path is path])
    }
    places = range(len(trials))
    simple = [naive[trial.behaviour] for trial in trials]
    effects = max((trial.meant + trial.unmeant for trial in trials), default=0)
    most = max((trial.meant for trial in naive.values()), default=0)
    every = {
        "kept": share([trial.kept for trial in trials], places),
        "at_most_once": share([trial.once for trial in trials], places, [one.once for one in simple]),
        "told_truly": share([trial.truthful for trial in trials], places, [one.truthful for one in simple]),
        "left_unknown": share([trial.unknown for trial in trials], places),
        "most_effects": Figure(float(effects) if trials else None, len(trials), baseline=float(most)),
    }
    return {**paths, "all": every}


async def _replay(around: Surroundings) -> tuple[dict[str, Figure], list[str], list[str]]:
    try:
        retail = read_retail(around.data)
    except DataAbsent as error:
        return {"replayed": Figure(None)}, [], [f"tau2-bench was not replayed: {error}"]
    tasks = evenly(retail.tasks, around.limit)
    found = [await replayed(retail, task) for task in tasks]
    around.tell(f"{len(tasks)} tasks of tau2-bench replayed")
    ended = [complaint is None for complaint in found]
    return {"replayed": share(ended, range(len(ended)))}, [one for one in found if one is not None], []
