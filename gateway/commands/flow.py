"""``aicc flow``: what is wrong with a tenant's flows and texts, and how a flow runs as a picture.

Both read files and nothing else: no gateway, no models, no training.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from dialog.errors import DialogError
from dialog.flows.picture import draw as picture
from dialog.releases.release import read_source
from infra.errors import AiccError


class FlowUnknown(AiccError):
    """The tenant has no flow of that name."""

    code = "flow_unknown"


def check(folder: Path, console: Console) -> bool:
    """Print every mistake in the tenant's flows and texts, with file, line and key; whether there is none."""
    try:
        source = read_source(folder)
    except DialogError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return False
    for problem in source.problems:
        console.print(str(problem), markup=False, highlight=False, soft_wrap=True)
    if not source.problems:
        flows = ", ".join(source.flows) or "none"
        console.print(f"nothing is wrong; flows: {flows}", markup=False, highlight=False)
    return not source.problems


def draw(folder: Path, name: str, console: Console) -> None:
    """Print a flow as Mermaid text. Raises ``FlowUnknown``, or a ``DialogError`` where it does not load."""
    source = read_source(folder)
    if source.problems:
        raise source.problems[0]
    if name not in source.flows:
        raise FlowUnknown(f"there is no flow {name!r}; there are {', '.join(source.flows) or 'none'}")
    console.print(picture(source.flows[name]), markup=False, highlight=False, soft_wrap=True, end="")
