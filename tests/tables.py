"""What a database is made of, as sorted lines of JSON: ``python -m tests.tables`` (DATABASE_URL)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import django

SQLITE = """
SELECT 'column', m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
  FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
UNION ALL
SELECT 'link', m.name, k."from", k."table", k."to", k.on_delete, '' FROM sqlite_master m
  JOIN pragma_foreign_key_list(m.name) k WHERE m.type = 'table'
UNION ALL
SELECT type, tbl_name, name, sql, '', '', '' FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL
"""
POSTGRESQL = """
SELECT 'column', table_name::text, column_name::text, udt_name::text, is_nullable::text, column_default::text,
       concat_ws(' ', character_maximum_length, numeric_precision, is_identity)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, '', pg_get_constraintdef(oid), '', '', '' FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', tablename::text, '', regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON'), '', '', ''
  FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'statistics', attrelid::regclass::text, attname::text, attstattarget::text, '', '', ''
  FROM pg_attribute WHERE attstattarget > 0 AND attrelid::regclass::text !~ '^pg_'
"""


def lines() -> Iterator[str]:
    """Columns, keys, indexes and triggers; a check that SQLite keeps in a table's text by Django's own look."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SQLITE if connection.vendor == "sqlite" else POSTGRESQL)
        for row in cursor.fetchall():
            yield json.dumps(row, ensure_ascii=False)
        for table in connection.introspection.table_names(cursor):
            for each in connection.introspection.get_constraints(cursor, table).values():
                if each["check"] or each["unique"]:
                    yield json.dumps(["rule", table, each["columns"], each["check"], each["unique"]])


if __name__ == "__main__":
    django.setup()
    sys.stdout.write("\n".join(sorted(lines())))
