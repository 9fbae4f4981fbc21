"""A flow as a picture that a content person can check: Mermaid text, the same for the same flow. Pure."""

from __future__ import annotations

from itertools import pairwise

from dialog.flows.plan import AskFor, Condition, Do, Flow, PlanStep, Say, Stop, needs


def draw(flow: Flow) -> str:
    """The flow as a Mermaid flowchart: what is asked, decided, looked up, confirmed, changed and said, in order."""
    lines = ["flowchart TD", f'  start(["{_text(flow.id)}"])']
    asked: set[str] = set()
    before = "start"
    for index, step in enumerate(flow.plan):
        entry = f"when{index}" if step.when else _first(flow, index, step, asked)
        lines.append(f"  {before} --> {entry}")
        if step.when:
            lines.append(f'  when{index}{{"{_text(" and ".join(map(_condition, step.when)))}"}}')
            lines.append(f"  when{index} -->|yes| {_first(flow, index, step, asked)}")
        last = _step(flow, index, step, asked, lines)
        before = f"next{index}"
        lines.append(f"  {before}(( ))")
        lines += [f"  {last} --> {before}"] if last else []
        lines += [f"  when{index} -->|no| {before}"] if step.when else []
    lines.append(f'  {before} --> finished(["anything else?"])')
    return "\n".join(lines) + "\n"


def _first(flow: Flow, index: int, step: PlanStep, asked: set[str]) -> str:
    """The name of the node that a step begins with."""
    slots = _asks(flow, step, asked)
    return f"ask{index}_{slots[0]}" if slots else f"step{index}"


def _asks(flow: Flow, step: PlanStep, asked: set[str]) -> tuple[str, ...]:
    match step.does:
        case AskFor(slot):
            wanted: tuple[str, ...] = (slot,)
        case Do() as do:
            wanted = needs(flow, do)
        case Say() | Stop():
            wanted = ()
    return tuple(slot for slot in wanted if slot not in asked)


def _step(flow: Flow, index: int, step: PlanStep, asked: set[str], lines: list[str]) -> str | None:
    """Draw a step; the node after which the flow goes on, or None where it ends."""
    nodes: list[str] = []
    for slot in _asks(flow, step, asked):
        kind = flow.slot(slot).kind.value
        nodes.append(f"ask{index}_{slot}")
        lines.append(f'  {nodes[-1]}[/"{_text(f"ask {slot} ({kind})")}"/]')
    if not step.when:
        asked.update(_asks(flow, step, asked))
    name = f"step{index}"
    match step.does:
        case AskFor():
            if not nodes:
                nodes.append(name)
                lines.append(f'  {name}[/"known already"/]')
        case Do() as do:
            if do.changes:
                nodes.append(f"{name}_confirm" if nodes else name)
                lines.append(f'  {nodes[-1]}{{"{_text(f"read back {do.action}: yes?")}"}}')
                lines.append(f'  {nodes[-1]} -->|no| dropped(["dropped"])')
                action = f"{name}_do"
            else:
                action = name
            nodes.append(action)
            lines.append(f'  {action}[["{_text(do.action)}"]]')
        case Say(text):
            nodes.append(name)
            lines.append(f'  {name}>"{_text(text)}"]')
        case Stop(person):
            lines.append(f'  {name}(["{"a person goes on" if person else "the end"}"])')
            return None
    for first, second in pairwise(nodes):
        lines.append(f"  {first} --> {second}")
    return nodes[-1]


def _condition(condition: Condition) -> str:
    parts = []
    if condition.one_of:
        parts.append(f"is {' or '.join(condition.one_of)}")
    if condition.none_of:
        parts.append(f"is not {' or '.join(condition.none_of)}")
    if condition.at_least is not None:
        parts.append(f"at least {condition.at_least}")
    if condition.at_most is not None:
        parts.append(f"at most {condition.at_most}")
    return f"{condition.what} {', '.join(parts) or 'is known'}"


def _text(words: str) -> str:
    return words.replace('"', "'")
