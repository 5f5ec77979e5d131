"""Jobs of notifications: notices for browsers are handed over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

SEND = "send_pushes"


@app.periodic(cron="* * * * *")
@app.task(name=SEND, queueing_lock=SEND, lock=SEND, pass_context=False)
def send_pushes(timestamp: int = 0) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
    """Hand over what waits for the push services of browsers; nothing where push is switched off."""
    from kindline.notifications import push_sending, push_wires  # noqa: PLC0415 - what queues asks for this job

    poster = push_wires.poster()
    if poster is None:
        return
    close_old_connections()
    try:
        with ThreadPoolExecutor(push_sending.AT_ONCE, thread_name_prefix="push") as pool:
            while push_sending.send_due(poster=poster, pool=pool, clock=timezone.now):
                continue
    finally:
        close_old_connections()


def send_soon() -> None:
    """Ask for the sending, in the transaction of the notice; what is asked for already is enough."""
    try:
        with transaction.atomic():
            send_pushes.defer()
    except AlreadyEnqueued:
        return
