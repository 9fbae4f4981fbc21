"""Ten usual questions about a contact center, answered with DuckDB from the files of ``aicc export``.

    aicc export --tenant hanbit-store --out /srv/records
    pip install duckdb
    python examples/analytics/ten_questions.py /srv/records

It needs nothing of AICC but the files. What a warehouse has to do with them stands in ``records``: take what the
manifests name, of each key the newest row, and nothing of a contact that was erased. ``docs/exports.md`` has every
column.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

KEYS = {
    "contact": "contact",
    "segment": "contact, segment",
    "turn": "contact, turn",
    "action": "contact, action",
    "offer": "offer",
    "queue_event": "queue_event",
    "agent_state": "agent_state",
    "assist": "contact, assist",
    "disposition": "contact, disposition_id",
    "csat": "contact, question",
    "tombstone": "erasure",
}
"""By which columns, with the tenant, a row is known."""

QUESTIONS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "How many contacts were there each day, and who dealt with them?",
        ("contact",),
        """
        SELECT day, count(*) AS contacts, count(*) FILTER (bot_only) AS bot_alone,
               count(*) FILTER (agent IS NOT NULL) AS with_a_person
        FROM contact GROUP BY day ORDER BY day
        """,
    ),
    (
        "Of those who waited, how many were answered within 20 seconds, and how long did they wait?",
        ("contact",),
        """
        SELECT queue, count(*) AS waited, count(*) FILTER (agent IS NOT NULL) AS answered,
               count(*) FILTER (agent IS NOT NULL AND waited_seconds <= 20) AS within_20_s,
               round(avg(waited_seconds) FILTER (agent IS NOT NULL), 1) AS average_seconds_to_answer
        FROM contact WHERE enqueued_at IS NOT NULL GROUP BY queue ORDER BY queue
        """,
    ),
    (
        "How many left the queue before anybody came?",
        ("contact",),
        """
        SELECT queue, count(*) FILTER (abandoned) AS left_it, count(*) AS waited,
               round(100 * count(*) FILTER (abandoned) / count(*), 1) AS percent
        FROM contact WHERE abandoned IS NOT NULL AND NOT callback_requested GROUP BY queue ORDER BY queue
        """,
    ),
    (
        "How long do agents need for a contact?",
        ("contact",),
        """
        SELECT agent, count(*) AS contacts, round(avg(talk_seconds), 1) AS talk, round(avg(hold_seconds), 1) AS hold,
               round(avg(wrap_up_seconds), 1) AS wrap_up,
               round(sum(talk_seconds + hold_seconds + coalesce(wrap_up_seconds, 0)) / count(*), 1) AS handling
        FROM contact WHERE talk_seconds IS NOT NULL GROUP BY agent ORDER BY agent
        """,
    ),
    (
        "How many contacts did the bot settle alone, and what shows it?",
        ("contact",),
        """
        SELECT coalesce(resolution_evidence, 'nothing shows it') AS evidence, count(*) AS contacts,
               round(100 * count(*) / sum(count(*)) OVER (), 1) AS percent
        FROM contact WHERE resolved IS NOT NULL GROUP BY resolution_evidence ORDER BY contacts DESC, evidence
        """,
    ),
    (
        "Why does the bot hand over?",
        ("contact",),
        """
        SELECT escalation_reason, queue, count(*) AS contacts
        FROM contact WHERE escalation_reason IS NOT NULL GROUP BY escalation_reason, queue ORDER BY contacts DESC, 1, 2
        """,
    ),
    (
        "How long until callers hear an answer, and which stage takes it?",
        ("turn",),
        """
        SELECT language, count(*) AS answers, round(median(latency_seconds), 2) AS median_seconds,
               round(quantile_cont(latency_seconds, 0.95), 2) AS p95_seconds,
               round(median((stages ->> 'endpointing')::DOUBLE), 2) AS endpointing,
               round(median((stages ->> 'dialog')::DOUBLE), 2) AS dialog,
               round(median((stages ->> 'synthesis')::DOUBLE), 2) AS synthesis
        FROM turn WHERE latency_seconds IS NOT NULL GROUP BY language ORDER BY language
        """,
    ),
    (
        "Which documents answer most, and how sure is the bot of them?",
        ("turn",),
        """
        SELECT cited ->> 'document' AS document, count(*) AS answers, round(avg(confidence), 2) AS confidence,
               count(*) FILTER (NOT complete) AS cut_short
        FROM (SELECT confidence, complete, unnest(from_json(citations, '["JSON"]')) AS cited
              FROM turn WHERE decision = 'answer')
        GROUP BY document ORDER BY answers DESC, document LIMIT 10
        """,
    ),
    (
        "What became of the actions?",
        ("action",),
        """
        SELECT name, coalesce(outcome, 'left at that') AS outcome, count(*) AS actions,
               round(avg(seconds), 2) AS seconds
        FROM action GROUP BY name, outcome ORDER BY name, actions DESC, outcome
        """,
    ),
    (
        "How satisfied are callers, and how many of those we asked did answer?",
        ("csat",),
        """
        SELECT coalesce(rated, 'unknown') AS spoke_with, count(*) AS asked, count(score) AS answered,
               round(100 * count(score) / count(*), 1) AS response_percent, round(avg(score), 2) AS average,
               round(100 * count(*) FILTER (score >= 4) / nullif(count(score), 0), 1) AS satisfied_percent
        FROM csat GROUP BY rated ORDER BY spoke_with
        """,
    ),
)
"""Each with the tables that it asks."""


def records(folder: Path) -> tuple[duckdb.DuckDBPyConnection, set[str]]:
    """A database in which each exported table holds what is true now; and which tables there are."""
    named = [
        file
        for manifest in sorted(folder.glob("_manifests/*/*.json"))
        for file in json.loads(manifest.read_text(encoding="utf-8"))["files"]
        if file["path"].endswith(".parquet")
    ]
    duck = duckdb.connect()
    there = {file["table"] for file in named} & KEYS.keys()
    for table in ["tombstone", *sorted(there - {"tombstone"})] if "tombstone" in there else sorted(there):
        files = [str(folder / file["path"]) for file in named if file["table"] == table]
        erased = "" if table == "tombstone" or "tombstone" not in there else _NOT_ERASED
        duck.execute(f"CREATE TABLE {table} AS {_NEWEST.format(key=KEYS[table], erased=erased)}", {"files": files})
    return duck, there


_NEWEST = """
    SELECT * FROM read_parquet($files, union_by_name = true, hive_partitioning = true, filename = true)
    {erased}
    QUALIFY row_number() OVER (PARTITION BY tenant, {key} ORDER BY updated_at DESC, revision DESC, filename DESC) = 1
"""
_NOT_ERASED = "WHERE contact IS NULL OR (tenant, contact) NOT IN (SELECT (tenant, contact) FROM tombstone)"


def answers(folder: Path) -> list[tuple[str, list[str], list[tuple[Any, ...]]]]:
    """Each question with its columns and rows; no rows where there are no such records."""
    told = []
    duck, there = records(folder)
    with duck:
        for question, tables, query in QUESTIONS:
            if set(tables) <= there:
                found = duck.execute(query)
                told.append((question, [column[0] for column in found.description], found.fetchall()))
            else:
                told.append((question, [], []))
    return told


def main(folder: Path) -> None:
    """Print every answer."""
    for question, columns, rows in answers(folder):
        print(f"\n{question}")
        lines = [columns, *([("–" if value is None else str(value)) for value in row] for row in rows)]
        if not rows:
            print("  nothing was exported that tells it")
            continue
        widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
        for line in lines:
            print("  " + "  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python ten_questions.py FOLDER   (of aicc export --format parquet)")
    main(Path(sys.argv[1]))
