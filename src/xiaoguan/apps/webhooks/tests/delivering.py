"""A worker process for the kill test: the product's own jobs, with leases that run out at once."""

import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta

import django


def main() -> None:
    """Set Django up by hand and work until SIGTERM."""
    django.setup()
    from xiaoguan.kit import job, worker

    for name, kind in list(job.kinds.items()):
        job.kinds[name] = replace(kind, lease=timedelta(seconds=1), max_attempts=20)
    work = worker.Worker(lanes=(None,))
    signal.signal(signal.SIGTERM, lambda number, frame: work.stop())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    work.run()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    main()
