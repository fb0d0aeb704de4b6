"""Every shipped metric on Spark says what the database says. Run by hand after changes to the emitter.

`.venv/bin/pip install pyspark==4.3.0` with Java 17 or newer, then
`make test TEST="-m spark src/xiaoguan/apps/metrics"`:
a hundred seconds, too long for a suite that runs at every change.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from xiaoguan.apps.metrics import emitter
from xiaoguan.apps.metrics.columns import engine, files, keeping, wide
from xiaoguan.apps.metrics.tests import making

pytestmark = [pytest.mark.django_db, pytest.mark.spark]


@pytest.fixture
def spark(tmp_path: Path) -> Iterator[Any]:
    """A session of Spark on this machine."""
    sql = importlib.import_module("pyspark.sql")
    options = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(tmp_path), "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1", "spark.sql.ansi.enabled": "true",
    }  # fmt: skip
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def test_every_metric_on_spark(spark: Any, settings: Any, tmp_path: Path) -> None:
    """The same wide rows, the same whole numbers, by every dimension and in every kind of slice."""
    settings.XIAOGUAN_HOME = tmp_path
    asked = making.make(600)
    made = keeping.make()
    assert made is not None
    connected = engine.connect()
    files.attach(connected, made.manifest.parts)
    for table in wide.TABLES:
        written = tmp_path / f"{table}.parquet"
        connected.execute(f"COPY ({made.manifest.source(table)}) TO '{written}' (FORMAT parquet)")
        spark.read.parquet(str(written)).createOrReplaceTempView(table)
        spark.table(table).cache()
    functions = importlib.import_module("pyspark.sql.functions")
    measures = tuple(dict.fromkeys(measure for metric in asked for measure in metric.measures))

    def told(value: Any) -> Any:
        return functions.array(*map(functions.lit, value)) if isinstance(value, list) else value

    for place, where in enumerate(making.slices()):
        for by in making.CUTS if place == 0 else making.CUTS[:1]:
            shape = emitter.Shape.of(where, start=2)
            text = emitter.compile_text(measures, by, "spark", shape)
            values = [*text.values, *emitter.parameters(where, "spark")]
            found = {tuple(row) for row in spark.sql(text.sql, args=[told(value) for value in values]).collect()}
            with connection.cursor() as cursor:
                text = emitter.compile_text(measures, by, connection.vendor, shape)
                cursor.execute(text.sql, [*text.values, *emitter.parameters(where, connection.vendor)])
                assert found == {tuple(row) for row in cursor.fetchall()}, (where, by)
