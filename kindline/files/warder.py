"""The warder: a small process that has loaded what cages need, and makes one for each file by a fork.

A fork costs a thousandth of a second where a new Python costs hundreds. It runs nothing of ours but the readers of
strangers' files: no Django, no database, no secrets in memory. Run by `cage.caged`: orders come as lines of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn


def main() -> None:
    """Carry out orders, one after the other, until whoever gives them is gone."""
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        module = importlib.import_module(order["module"])
        module.load()
        pid = os.fork()
        if pid == 0:
            _be_caged(module, order["words"], order["out"], order["err"], order["wall_s"])
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _be_caged(module: Any, words: Sequence[str], out: str, err: str, wall_s: float) -> NoReturn:
    """In the cage: nothing of the warder's is left open, and time runs."""
    code = 1
    try:
        signal.setitimer(signal.ITIMER_REAL, wall_s)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        for number, path, how in ((0, os.devnull, os.O_RDONLY), (1, out, flags), (2, err, flags)):
            os.dup2(os.open(path, how, 0o600), number)
        code = module.main(list(words))
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - whatever it is, the cage ends here and says why
        os.write(2, traceback.format_exc()[-4000:].encode(errors="replace"))
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
