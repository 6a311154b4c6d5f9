"""The Celery application: carries numbers of jobs to free processes and keeps nothing itself.

The job table is the truth, so every message may be lost, doubled or late (docs/decisions).
"""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

REDIS = {"socket_timeout": 5, "socket_connect_timeout": 2, "retry_on_timeout": False}
AMQP = {"confirm_publish": True, "read_timeout": 5, "write_timeout": 5}
TRANSPORT_OPTIONS: dict[str, dict[str, Any]] = {
    "memory": {"polling_interval": 0.05},
    "redis": REDIS,
    "rediss": REDIS,
    "amqp": AMQP,
    "amqps": AMQP,
}
"""Without the time-outs a broker that swallows packets would hold a dispatcher for ever."""

url = settings.CELERY_BROKER_URL
app = Celery("sinpapeleo", set_as_current=True)
app.conf.update(
    broker_url=f"{url}localhost" if url.endswith("://") else url,
    broker_transport_options=TRANSPORT_OPTIONS.get(url.split(":")[0], {}),
    broker_connection_timeout=2,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=False,  # the lease in the table is the guarantee
    task_publish_retry=False,
    task_create_missing_queues=True,
    worker_prefetch_multiplier=32
    if url.startswith("memory:")
    else 4,  # the embedded broker hands over in turns of 50 ms
    worker_pool_putlocks=False,  # else the main loop, and with it the heartbeat, waits while every child is busy
    worker_max_tasks_per_child=500,
    worker_max_memory_per_child=400_000,  # KiB
    worker_proc_alive_timeout=60,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # they hold a lease, not a message
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    enable_utc=True,
    imports=["jobs.tasks"],
)
