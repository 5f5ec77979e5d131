"""Run as a script: become the right user, tie our life to the parent's, and turn into the wanted program.

    python -I trampoline.py PARENT SIGNAL UID GID NICE PROGRAM [WORD ...]

A supervisor that is killed outright can stop nothing any more: on Linux the kernel then sends SIGNAL to its children.
The program gets a session of its own, so that Ctrl-C in the terminal reaches the supervisor alone, which stops all in
order, and so that whatever the program starts can be ended with it.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(words: list[str]) -> None:
    """Become the program; return only by failing."""
    parent, signal_number, uid, gid, nice = (int(word) for word in words[:5])
    os.setsid()
    os.nice(nice)
    if os.geteuid() == 0 and uid != 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        sys.exit("the parent has gone")
    os.execvp(words[5], words[5:])  # noqa: S606 - the very purpose


if __name__ == "__main__":
    main(sys.argv[1:])
