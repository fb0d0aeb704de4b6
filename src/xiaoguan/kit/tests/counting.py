"""A worker process for the kill test: its job writes numbers, five a chunk, into the table `effect`.

It takes its time while a file named `slowly` lies in the home folder, so that no machine is done before it is killed.
"""

import os
import signal
import sys
import time
from pathlib import Path

import django

NUMBERS = 400
CHUNK = 5


def main() -> None:
    """Set Django up by hand, declare the job and work until SIGTERM."""
    django.setup()
    from django.db import connection

    from xiaoguan.kit import job, worker

    job.kinds.clear()
    slowly = Path(os.environ["XIAOGUAN_HOME"]) / "slowly"

    @job.job("test.count", label="Count", lease=1, max_attempts=3)
    def count(run: job.Run) -> dict[str, int]:
        run.expect(NUMBERS)
        with connection.cursor() as cursor:
            for start in range(run.cursor or 0, NUMBERS, CHUNK):
                with run.chunk(cursor=start + CHUNK, done=CHUNK):
                    for number in range(start, start + CHUNK):
                        cursor.execute("INSERT INTO effect (job, number) VALUES (%s, %s)", [run.row.pk, number])
                        time.sleep(0.03 if slowly.exists() else 0)
        return {"numbers": NUMBERS}

    work = worker.Worker(lanes=(None,))
    signal.signal(signal.SIGTERM, lambda number, frame: work.stop())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    work.run()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    main()
