"""Every shipped metric on Spark says what the database says.

`make test TEST=all` asks it beside PostgreSQL where Spark is, and `.ci/run` sees to that; by hand: Java 17 or newer,
`.venv/bin/python tools/spark.py`, then `make test TEST="-m spark src/xiaoguan/apps/metrics"`.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import spark as here
from django.db import connection

from xiaoguan.apps.metrics import emitter
from xiaoguan.apps.metrics.columns import engine, files, keeping, wide
from xiaoguan.apps.metrics.tests import making

pytestmark = [pytest.mark.django_db, pytest.mark.spark, pytest.mark.long]
AT_ONCE = 2
"""Questions asked of Spark at the same time: most of an answer is planning, which keeps one core busy."""


@pytest.fixture
def spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A session of Spark on this machine; nothing is compiled for a few hundred rows."""
    if here.PLACE.exists():
        monkeypatch.syspath_prepend(str(here.PLACE))
    sql = importlib.import_module("pyspark.sql")
    options = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(tmp_path), "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1", "spark.sql.ansi.enabled": "true", "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.ui.showConsoleProgress": "false", "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    }  # fmt: skip
    builder = sql.SparkSession.builder.master(f"local[{AT_ONCE}]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of its end when nobody listens any more
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

    def say(question: tuple[str, list[Any]]) -> set[tuple[Any, ...]]:
        text, values = question
        return {tuple(row) for row in spark.sql(text, args=[told(value) for value in values]).collect()}

    cuts = [
        (where, by)
        for place, where in enumerate(making.slices())
        for by in (making.CUTS if place == 0 else making.CUTS[:1])
    ]
    questions: list[tuple[str, list[Any]]] = []
    expected: list[set[tuple[Any, ...]]] = []
    for where, by in cuts:
        shape = emitter.Shape.of(where, start=2)
        text = emitter.compile_text(measures, by, "spark", shape)
        questions.append((text.sql, [*text.values, *emitter.parameters(where, "spark")]))
        text = emitter.compile_text(measures, by, connection.vendor, shape)
        with connection.cursor() as cursor:
            cursor.execute(text.sql, [*text.values, *emitter.parameters(where, connection.vendor)])
            expected.append({tuple(row) for row in cursor.fetchall()})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for cut, found, wanted in zip(cuts, pool.map(say, questions), expected, strict=True):
            assert found == wanted, cut
