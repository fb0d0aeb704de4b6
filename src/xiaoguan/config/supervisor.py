"""Keeps one other process running beside this one."""

import logging
import subprocess
import threading

logger = logging.getLogger("xiaoguan.serve")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
GRACE = 30.0


class Companion:
    """A child process that is started again when it dies, and ends with its parent however that ends.

    The child is given ``--with-parent``: its standard input is a pipe from here, and it stops when the pipe closes,
    which the system does even for a parent that was killed.
    """

    def __init__(self, command: list[str]) -> None:
        self._command = [*command, "--with-parent"]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="companion", daemon=True)

    def start(self) -> None:
        """Start the child and watch over it in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Let the child finish what it is in the middle of, within a time."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _watch(self) -> None:
        """Start the child again whenever it ends on its own, ever more slowly while it keeps failing."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            # Its own session: Ctrl-C reaches this process alone, which then tells the child.
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True)
            try:
                code = self._process.wait(LONGEST_PAUSE)
            except subprocess.TimeoutExpired:
                pause = FIRST_PAUSE  # it has worked for a while: the next fault is a new one
                code = self._process.wait()
            if not self._stopping.is_set():
                logger.error("the worker ended with %s and is started again", code)
                self._stopping.wait(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
