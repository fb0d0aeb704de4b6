"""On PostgreSQL the keys become a vector: an array was taken apart for every row that a plan looked at."""

from django.db import migrations

import xiaoguan.kit.models.search

FORWARD = (
    "DROP INDEX kit_searchentry_tokens",
    "ALTER TABLE kit_searchentry ALTER COLUMN tokens TYPE tsvector"
    " USING array_to_tsvector(string_to_array(tokens, ' '))",
    "CREATE INDEX kit_searchentry_tokens ON kit_searchentry USING gin (tokens)",
    # The planner must know frequent keys by name: it then reads the newest records instead of all that match.
    "ALTER TABLE kit_searchentry ALTER COLUMN tokens SET STATISTICS 1000",
)
BACKWARD = (
    "DROP INDEX kit_searchentry_tokens",
    "ALTER TABLE kit_searchentry ALTER COLUMN tokens TYPE text USING array_to_string(tsvector_to_array(tokens), ' ')",
    "CREATE INDEX kit_searchentry_tokens ON kit_searchentry USING gin (string_to_array(tokens, ' '))",
)


def run(statements):
    def execute(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return execute


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0002_search'),
    ]

    operations = [
        # SQLite's column stays what it is; altering it would make the table anew and lose its triggers.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(run(FORWARD), run(BACKWARD), elidable=True)],
            state_operations=[
                migrations.AlterField('searchentry', 'tokens', xiaoguan.kit.models.search.KeysField()),
            ],
        ),
    ]
