"""Work that has to be done some time, by whoever is there: procrastinate's queue in our database, by our connections.

A job names its ``line``: jobs of one line are carried out one after the other, in the order in which they were put in,
and at most one of them waits, so that telling a line of work twice costs nothing. A job does its line's whole work and
may put in the next one for later. What a process that died had begun is put back by any other (``recover``).

The queue's tables bear no tenant: arguments name what is to be done and hold nothing of it.

Refuses: results; what a job did stands in the tables of whoever put it in.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hashlib import blake2s
from typing import TypeAlias

import procrastinate
from procrastinate import exceptions
from procrastinate.jobs import DeleteJobCondition, Job, Status
from procrastinate.schema import SchemaManager

from infra.storage.database import Database
from infra.storage.errors import DatabaseUnavailable

Work: TypeAlias = Callable[..., Awaitable[None]]
"""What is done for a job, with its arguments by name."""

HEARTBEAT = 10.0
"""Seconds between two signs of life of who works."""

LOST_AFTER = 30.0
"""Seconds without one after which what they had begun is put back."""

STOP_WITHIN = 5.0
"""Seconds that a job may go on for when its worker is told to stop."""

AGAIN_AFTER = 30
"""Seconds until a job that failed, or was broken off, is tried again."""

log = logging.getLogger(__name__)

# It tells of each job at INFO, with a traceback where one failed; we tell of those that did.
logging.getLogger("procrastinate").setLevel(logging.ERROR)


class _TryAgain(procrastinate.BaseRetryStrategy):
    """A job is never given up; when its work makes no sense any more, the work finds nothing to do."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision:
        return procrastinate.RetryDecision(retry_in={"seconds": AGAIN_AFTER})


class JobQueue:
    """The queue of one kind of work, ``task`` (at most 20 letters). Its jobs lie in compartments of any name; a worker
    names those that it works on."""

    def __init__(self, database: Database, task: str, work: Work, *, stop_within: float = STOP_WITHIN) -> None:
        self._database = database
        self._connector = procrastinate.PsycopgConnector()
        self._app = procrastinate.App(connector=self._connector)
        self._name = task
        self._stop_within = stop_within

        async def do(**arguments: str) -> None:
            try:
                await work(**arguments)
            except Exception:
                log.exception("%s failed for %s and is tried again in %s s", task, arguments, AGAIN_AFTER)
                raise

        self._task = self._app.task(name=task, retry=_TryAgain())(do)

    async def open(self) -> None:
        """Use the database's connections; the queue closes none of them."""
        await self._connector.open_async(self._database.pool)

    async def put(self, compartment: str, line: str, at: datetime | None = None, **arguments: str) -> bool:
        """Let a line's work be done, not before ``at``; false where that waits to be done already.

        Raises ``DatabaseUnavailable``.
        """
        job = self._task.configure(queue=self._queue(compartment), lock=line, queueing_lock=line, schedule_at=at)
        try:
            await job.defer_async(**arguments)
        except exceptions.AlreadyEnqueued:
            return False
        except exceptions.ConnectorException as error:
            raise _unavailable(error) from error
        return True

    async def hurry(self, compartment: str, line: str, **arguments: str) -> None:
        """Let a line's work be done now, also where it waits for a later time. Raises ``DatabaseUnavailable``."""
        jobs, now = self._app.job_manager, datetime.now(UTC)
        try:
            for job in await jobs.list_jobs_async(task=self._name, status="todo", queueing_lock=line):
                if job.id is not None and job.scheduled_at is not None and job.scheduled_at > now:
                    await jobs.cancel_job_by_id_async(job.id, delete_job=True)
        except exceptions.ConnectorException as error:
            raise _unavailable(error) from error
        await self.put(compartment, line, None, **arguments)

    async def work(self, compartments: Sequence[str], at_once: int, *, forever: bool = True) -> None:
        """Do what is in these compartments until cancelled, or until nothing is due. Raises ``DatabaseUnavailable``."""
        try:
            await self._app.run_worker_async(
                queues=[self._queue(compartment) for compartment in compartments],
                concurrency=at_once,
                wait=forever,
                listen_notify=forever,
                delete_jobs=DeleteJobCondition.ALWAYS,
                install_signal_handlers=False,
                shutdown_graceful_timeout=self._stop_within,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=LOST_AFTER,
            )
        except exceptions.ConnectorException as error:
            raise _unavailable(error) from error

    async def recover(self, lost_after: float = LOST_AFTER) -> int:
        """Put back what was begun by somebody who gave no sign of life for so many seconds; how much that was.

        Where the same line waits to be done anyway, what was begun is forgotten. Raises ``DatabaseUnavailable``.
        """
        jobs = self._app.job_manager
        try:
            lost = list(await jobs.get_stalled_jobs(task_name=self._name, seconds_since_heartbeat=lost_after))
            for job in lost:
                assert job.id is not None, "it was read from the table"
                try:
                    await jobs.retry_job(job)
                except exceptions.UniqueViolation:
                    await jobs.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
        except exceptions.ConnectorException as error:
            raise _unavailable(error) from error
        return len(lost)

    def _queue(self, compartment: str) -> str:
        """Its name in the tables, from which the name of a channel is made: PostgreSQL takes 63 bytes of one."""
        return f"{self._name}-{blake2s(compartment.encode(), digest_size=8).hexdigest()}"


def schema() -> str:
    """The SQL that makes the tables of the installed release."""
    return str(SchemaManager.get_schema())


def _unavailable(error: exceptions.ConnectorException) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"the queue of jobs cannot be reached: {error.__cause__ or error}")
