"""The only Celery task. Its message holds numbers of jobs and nothing else."""

import logging

from celery import shared_task

from jobs.errors import describe
from jobs.execution import run_job

logger = logging.getLogger("jobs")
NAME = "jobs.run"


@shared_task(name=NAME, ignore_result=True)
def run(*job_ids: int) -> None:
    """Run the jobs one after the other; whatever goes wrong, the table knows what is still due."""
    for job_id in job_ids:
        try:
            run_job(job_id)
        except Exception as error:
            logger.error("job %s: %s", job_id, describe(error))
