"""Processes that end together: one that runs beside this one, and those that the web server forks."""

import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
GRACE = 30.0

logger = logging.getLogger("xiaoguan.serve")


class Lifeline:
    """A pipe whose writing end only this process holds: the system closes it even when the process is killed.

    Whoever holds the reading end learns of it. Forked children let go of the writing end and follow by themselves.
    """

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._in_child)

    def cut(self) -> None:
        """Tell everybody to end."""
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1

    def _in_child(self) -> None:
        """Follow the parent from a forked process, ending as if it had been told to by a signal."""
        self.cut()
        follow(self.reading, lambda: os.kill(os.getpid(), signal.SIGTERM))


def follow(descriptor: int, stop: Callable[[], None]) -> None:
    """Call ``stop`` from a thread of its own once the other end of a pipe is closed."""

    def wait() -> None:
        # The bare descriptor: a buffered reader would hold its lock and abort the interpreter's own end.
        while os.read(descriptor, 1024):
            pass
        stop()

    threading.Thread(target=wait, name="follow", daemon=True).start()


class Companion:
    """A child process that is started again when it dies, and ends with its parent however that ends.

    The child is given ``--with-parent``, which makes it follow its standard input.
    """

    def __init__(self, command: list[str], lifeline: Lifeline) -> None:
        self._command = [*command, "--with-parent"]
        self._lifeline = lifeline
        self._stopping = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._watch, name="companion", daemon=True).start()

    def stop(self) -> None:
        """Let the child finish what it is in the middle of, within a time."""
        self._stopping.set()
        self._lifeline.cut()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        """Start the child in a session of its own: Ctrl-C reaches this process alone, which then tells the child."""
        return subprocess.Popen(self._command, stdin=self._lifeline.reading, start_new_session=True)

    def _watch(self) -> None:
        """Start the child again whenever it ends on its own, ever more slowly while it keeps failing."""
        pause = FIRST_PAUSE
        while True:
            try:
                code = self._process.wait(LONGEST_PAUSE)
            except subprocess.TimeoutExpired:
                pause = FIRST_PAUSE  # it has worked for a while: the next fault is a new one
                code = self._process.wait()
            if self._stopping.is_set():
                return
            logger.error("the worker ended with %s and is started again", code)
            if self._stopping.wait(pause):
                return
            pause = min(LONGEST_PAUSE, pause * 2)
            self._process = self._start()
