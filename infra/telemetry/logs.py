"""Structured logs: one event per line, bound to what it belongs to, without secrets or personal data.

``configure`` is called once, by the program's entry. Everything that other libraries log through ``logging`` takes the
same way. What is bound by ``bound(call_id=…)`` appears in every line that is logged inside, in tasks started there too.

Refuses: logging what callers say; that is the ledger's, which keeps it by the tenant's policy.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from infra.telemetry.redaction import redact, redact_text

_OWN_FIELDS = frozenset({"timestamp", "level", "logger", "call_id", "node"})
"""Made by the program itself, so never personal; looking for numbers in them would only spoil them."""

_TELL_ADDRESSES = ("httpx", "httpx2", "httpcore", "httpcore2")
"""Libraries that log every address they ask, with the numbers and names in it, and that is no trouble of theirs."""


def configure(
    *,
    json: bool = False,
    level: str = "info",
    stream: TextIO | None = None,
    conceal: Callable[[str], str] = str,
) -> None:
    """Send all logs to ``stream`` (standard error), as JSON or for a person's eyes.

    ``level`` is one of debug, info, warning, error. Raises ``ValueError`` for another. ``conceal`` takes out of a text
    what is personal and only whoever knows its language can tell; it may not raise. May be called again.
    """
    redacting = _redacting(conceal)
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"there is no log level {level!r}: take debug, info, warning or error")
    target = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redacting,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=target.isatty())
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:-2], structlog.processors.format_exc_info, redacting],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in _TELL_ADDRESSES:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


@contextmanager
def bound(**fields: str | int | None) -> Iterator[None]:
    """Bind fields such as ``call_id`` to all that is logged inside, also by tasks that are started inside."""
    with structlog.contextvars.bound_contextvars(
        **{name: value for name, value in fields.items() if value is not None}
    ):
        yield


def redact_event(
    _logger: WrappedLogger, _method: str, event: EventDict, conceal: Callable[[str], str] = str
) -> EventDict:
    """A structlog processor that hides secrets and personal data; see ``infra.telemetry.redaction``."""
    own = {name: value for name, value in event.items() if name in _OWN_FIELDS or name.startswith("_")}
    rest = {name: value for name, value in event.items() if name not in own}
    return {**redact(rest, text=lambda text: redact_text(conceal(text))), **own}


def _redacting(conceal: Callable[[str], str]) -> Processor:
    def process(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return redact_event(logger, method, event, conceal)

    return process
