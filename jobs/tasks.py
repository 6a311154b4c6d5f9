"""The only Celery task. Its message holds numbers of jobs and nothing else."""

from celery import shared_task

from jobs.execution import run_jobs

NAME = "jobs.run"


@shared_task(name=NAME, ignore_result=True)
def run(*job_ids: int) -> None:
    """Run the jobs one after the other."""
    run_jobs(job_ids)
