"""Run background jobs and schedules in a process of their own."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from types import FrameType

from xiaoguan.config import supervisor
from xiaoguan.kit import job, schedule, worker


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--once", action="store_true", help="run what is due now and end, instead of waiting for more")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")


def run(options: Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; jobs under way stop after their chunk, a second signal ends at once."""
    if options.once:
        schedule.sync()
        schedule.tick()
        worker.drain()
        return 0
    work = worker.Worker()

    def stop(number: int, _frame: FrameType | None) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, signal.SIG_DFL)
        work.stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    if options.with_parent:
        supervisor.follow(sys.stdin.fileno(), work.stop)
    # After an upgrade or a restore the index may be of another time; the check costs a few counts.
    job.enqueue("search.check", key="start")
    work.run()
    return 0
