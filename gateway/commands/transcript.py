"""A call's events as lines for a person at a terminal: who said what, how sure, from which source, how fast.

Refuses: events that nobody would read; the ledger has them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

_STAGES = ("endpointing", "dialog", "synthesis", "playback")


class TranscriptView:
    """Prints events as they come. ``shown`` collects which kinds of things a reader has seen."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._decided: dict[int, Mapping[str, Any]] = {}
        self.shown: set[str] = set()

    def event(self, event: Mapping[str, Any]) -> None:
        """Print one event (as the gateway's HTTP interface gives it), if it is for people."""
        payload = event["payload"]
        match event["kind"]:
            case "call.answered":
                self._line("call", f"answered over {payload['protocol']}, {payload['rate']} Hz", "dim")
            case "consent.assumed" | "consent.given" | "consent.declined":
                self._line("call", f"recording: {event['kind'].removeprefix('consent.')}", "dim")
            case "caller.turn":
                self._turn(payload)
            case "reply.decided":
                self._decided[payload["reply"]] = payload
            case "reply.started":
                self._latency(payload)
            case "reply.heard":
                self._reply(payload)
            case "barge_in":
                self._line("caller", f"interrupts ({payload['evidence']})", "yellow")
            case "action.proposed":
                arguments = ", ".join(f"{k}={v}" for k, v in payload["arguments"].items())
                self._line("action", f"{payload['name']}({arguments}) …", "magenta")
            case "action.succeeded" | "action.failed" | "action.unknown":
                outcome = event["kind"].removeprefix("action.")
                self.shown.add("action" if outcome == "succeeded" else outcome)
                seconds = payload.get("seconds")
                took = f" in {seconds * 1000:.0f} ms" if isinstance(seconds, float) else ""
                self._line("action", f"{outcome}{took}", "magenta")
            case "handoff.queued":
                self._handoff(payload)
            case "component.failed":
                self._line("call", f"{payload['component']}: {payload['error']} → {payload['fallback']}", "red")
            case "call.ended":
                self._line("call", f"ended: {payload['reason']}", "dim")
            case _:
                pass

    def _turn(self, payload: Mapping[str, Any]) -> None:
        said = f'"{payload["text"]}"' if payload["text"] else "(silence)"
        if payload["digits"]:
            said = f"[keys {payload['digits']}]"
        self._line("caller", said, "bold cyan", f"heard with confidence {payload['confidence']:.2f}")

    def _reply(self, payload: Mapping[str, Any]) -> None:
        decided = self._decided.pop(payload["reply"], {})
        text = payload["text"] or "(not heard)"
        cut = "" if payload["complete"] else "  — cut off"
        decision = decided.get("decision", "")
        self.shown.add(str(decision))
        details = [f"{decision}, confidence {decided.get('confidence', 0.0):.2f}"]
        details += [
            f"source: {citation['title']} ({citation['document']})"
            for citation in {c["document"]: c for c in decided.get("citations", [])}.values()
        ]
        self._line("bot", f'"{text}"{cut}', "bold green", *details)

    def _latency(self, payload: Mapping[str, Any]) -> None:
        if payload.get("latency") is None:
            return
        stages = payload["stages"]
        parts = " · ".join(f"{name} {stages[name] * 1000:.0f}" for name in _STAGES if name in stages)
        self._line("time", f"{payload['latency'] * 1000:.0f} ms to first audio ({parts})", "dim")

    def _handoff(self, payload: Mapping[str, Any]) -> None:
        self.shown.add("hand-over")
        summary = payload["summary"]
        known = "\n".join(f"  {name}: {value}" for name, value in summary.get("known", {}).items())
        body = (
            f"reason: {payload['reason']}   queue: {payload['queue']}   skills: {', '.join(payload['skills']) or '–'}\n"
        )
        body += summary.get("text", "") + (f"\n{known}" if known else "")
        self._console.print(Panel(escape(body), title="hand-over to a human", border_style="yellow", width=100))

    def _line(self, who: str, text: str, style: str, *details: str) -> None:
        self._console.print(f"[{style}]{who:>7}[/]  {escape(text)}")
        for detail in details:
            self._console.print(f"         [dim]{escape(detail)}[/]")
