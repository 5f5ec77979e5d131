"""A program that joins letters and appeals and kills itself at a named step, once: what is lost, what is doubled."""

import hashlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

FIELDS = {
    "surname": "Коваль", "given_name": "Ольга", "patronymic": "Петровна", "residence": "там",
    "phone": "+79210000001", "email": "koval@example.org",
}  # fmt: skip


def prepare(step: str) -> None:
    """Two letters that have come, and an answer that is signed."""
    from django.utils import timezone

    from kindline.appeals import answering, moves, receiving
    from kindline.appeals.models import Answer, Appeal
    from kindline.correspondence import facts
    from kindline.correspondence.models import Incoming, Thread
    from kindline.staff.models import Employee
    from kindline.standard import loader

    now, krc = timezone.now(), loader.load("krc")
    for n in range(2):
        thread = Thread.objects.create(number=f"K-{step}{n}", started_at=now)
        row = Incoming.objects.create(
            mailbox="m", sha256=f"{step}{n}", size=1, stored_at=now, state="read", kind="message",
            sender=f"{step}{n}@example.org", subject="x", text="x", thread=thread,
        )  # fmt: skip
        facts.keep("mail_read", (facts.MAIL, row.pk), {"mail_kind": "message", "attachments": 0}, now=now)
    me, _ = Employee.objects.get_or_create(username="me", roles=["unit_head"])
    appeal = receiving.receive_appeal(
        profile=krc, channel="email", kind="application", substance=step, fields=FIELDS, employee=me, now=now
    )
    subject = f"{krc.variable('company')}: Ответ на обращение {appeal.number}"
    text = "Ольга Петровна! Ответ."
    answer = Answer(appeal=appeal, author=me, signed_by=me, signed_at=now, text=text, subject=subject)
    answer.frozen = answering.frozen_text(answer)
    answer.sha256 = hashlib.sha256(answer.frozen.encode()).hexdigest()
    answer.save()
    Appeal.objects.filter(pk=appeal.pk).update(state="signed")
    moves.keep(appeal, "answer_signed", {"version": 1, "sha256": answer.sha256}, employee=me, now=now)


def main(step: str, once: str) -> None:
    """Follow the journal to its end; die at the step unless the file `once` says that this was done."""
    django.setup()
    if once:
        prepare(step)
    from django.utils import timezone

    from kindline.appeals import dispatching, following, joining, moves, registering
    from kindline.correspondence import actions as correspondence
    from kindline.standard import loader

    def after(place: Any, name: str) -> None:
        was: Callable[..., Any] = getattr(place, name)

        def dying(*args: Any, **kwargs: Any) -> Any:
            found = was(*args, **kwargs)
            if not Path(once).exists():
                Path(once).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        setattr(place, name, dying)

    steps: dict[str, Callable[[], None]] = {
        "numbered": lambda: after(registering, "insert"),
        "registered": lambda: after(joining, "register"),
        "joined": lambda: after(moves, "keep"),
        "handled": lambda: after(correspondence, "handle_message"),
        "queued": lambda: after(correspondence, "queue_message"),
        "handed": lambda: after(dispatching, "_hand_over"),
        "taken": lambda: after(following, "_take"),
        "mail": lambda: after(joining, "join_mail"),
        "followed": lambda: after(following, "follow"),
        "none": lambda: None,
    }
    steps[step]()
    while following.follow(profile=loader.load("krc"), now=timezone.now()):
        continue


if __name__ == "__main__":
    main(*sys.argv[1:])
