"""Two who work on the same rows at once: the other one in a thread, on a connection of his own."""

import threading
from collections.abc import Callable

from django.db import connection

from tests.plugins.rude import until

BLOCKED = "SELECT cardinality(pg_blocking_pids(%s)) > 0"


class Other:
    """Begins at once; tests with it need `db(transaction=True)`."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.result: object = None
        self.error: BaseException | None = None
        self._work, self._backend = work, 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            connection.ensure_connection()
            self._backend = connection.connection.info.backend_pid
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001 - raised where he is waited for
            self.error = error
        finally:
            connection.close()

    def is_waiting(self) -> bool:
        """Whether he waits for a row that somebody holds."""
        with connection.cursor() as cursor:
            cursor.execute(BLOCKED, [self._backend])
            return bool(cursor.fetchone()[0])

    def wait_or_end(self) -> None:
        """Until he is through, or waits for who asks."""
        until(lambda: not self._thread.is_alive() or self.is_waiting(), 30)

    def end(self) -> object:
        """What his work returned, or what it raised."""
        self._thread.join(30)
        if self.error is not None:
            raise self.error
        return self.result
