"""The loop of mail: takes in, reads, checks attachments, sends; wakes at the doorbell and every few seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from kindline.correspondence import answering, reading, receiving, sending, wires
from kindline.correspondence.errors import CorrespondenceError, UnreachableError
from kindline.correspondence.models import Incoming, MailKind
from kindline.files import checking, limits
from kindline.journal import doorbell
from kindline.standard import loader
from kindline.standard.profile import Profile

log = logging.getLogger(__name__)
POLL_S = 5.0
MAILBOX_EVERY_S = 20.0
TROUBLE_PAUSE_S = 60.0
REST_S = 0.3
"""News that comes at once is looked at together."""


class Round:
    """One round of work after another; the mailbox is asked now and then, less often while it cannot be reached."""

    def __init__(self, stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        self.stop, self.clock, self.mailbox_at = stop, clock, 0.0

    def work(self) -> None:
        """Do everything that waits now; what goes wrong once is said and tried again."""
        try:
            close_old_connections()
            profile = loader.load(settings.KINDLINE["profile"])
            self.take_in()
            self.read(profile)
            checking.check_waiting(scanner=limits.scanner(), now=timezone.now())
            self.send(profile)
        except (Error, OSError):
            log.exception("mail: the database or the disk failed: trying again")
            connection.close()

    def take_in(self) -> None:
        """Store what waits in the mailbox."""
        mailbox = wires.mailbox()
        if mailbox is None or self.clock() < self.mailbox_at:
            return
        self.mailbox_at = self.clock() + MAILBOX_EVERY_S
        try:
            if receiving.receive(mailbox=mailbox, now=timezone.now(), stop=self.stop) == receiving.BATCH:
                self.mailbox_at = 0.0  # there is more
        except UnreachableError as error:
            self.mailbox_at = self.clock() + TROUBLE_PAUSE_S
            log.warning("the mailbox cannot be read: %s", error)

    def read(self, profile: Profile) -> None:
        """Read what is stored, to the last message; acknowledge what may be, unless the registry does so."""
        while rows := reading.read_stored(now=timezone.now(), stop=self.stop):
            for row in rows:
                self._acknowledge(row, profile)

    def _acknowledge(self, row: Incoming, profile: Profile) -> None:
        if row.kind != MailKind.MESSAGE or answering.waits_for_registry(profile):
            return
        try:
            answering.acknowledge(incoming=row, profile=profile, now=timezone.now())
        except CorrespondenceError as error:
            log.warning("message %s is not acknowledged: %s", row.pk, error)

    def send(self, profile: Profile) -> None:
        """Send what is due, as long as the server takes it."""
        relay = wires.relay()
        while relay is not None and not self.stop.is_set():
            if sending.send_due(relay=relay, profile=profile, now=timezone.now(), stop=self.stop) < sending.BATCH:
                break


def run(stop: threading.Event) -> None:
    """Work until `stop` is set."""
    rounds = Round(stop)
    for _ in doorbell.listen(poll_s=POLL_S, stop=stop):
        if stop.is_set():
            break
        rounds.work()
        stop.wait(REST_S)
