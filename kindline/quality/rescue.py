"""Jobs left behind by a worker that died are given back to the queue; one that keeps dying is set aside."""

from __future__ import annotations

import logging

from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

log = logging.getLogger(__name__)
STALLED_S = 30.0
ATTEMPTS_MAX = 5


async def rescue_stalled(manager: JobManager, *, stalled_s: float = STALLED_S) -> list[int]:
    """Give back every job whose worker has shown no sign of life for `stalled_s`; returns their ids.

    Such a job is begun again, so its effect must bear that. After `ATTEMPTS_MAX` beginnings it is set aside as
    failed, where it stays to be seen, and the queue goes on. Where the next job of its kind waits already (a sweep that
    is due each minute), that one does the work, and this one is over.
    """
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=stalled_s))
    for job in stalled:
        await _give_back(manager, job)
    return [job.id for job in stalled if job.id is not None]


async def _give_back(manager: JobManager, job: Job) -> None:
    if job.attempts + 1 >= ATTEMPTS_MAX:
        log.error("job %s (%s) is set aside: begun %s times, never ended", job.id, job.task_name, job.attempts + 1)
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)
    else:
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            log.warning("job %s (%s) lost its worker: the next one of its kind waits already", job.id, job.task_name)
            await manager.finish_job(job, status=Status.ABORTED, delete_job=False)
        else:
            log.warning("job %s (%s) lost its worker: given back to the queue", job.id, job.task_name)
