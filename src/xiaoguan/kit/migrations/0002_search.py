"""The search index: entries, and the index that each database finds their keys by."""

from django.db import migrations, models

SQLITE = (
    "CREATE VIRTUAL TABLE kit_searchfts USING fts5(tokens, content='kit_searchentry', content_rowid='id',"
    " tokenize=\"ascii tokenchars '.^~+:#$'\", detail=none, columnsize=0)",
    # Like any index, this one is kept by the database itself: whoever writes an entry cannot forget it.
    # A later migration that makes SQLite rebuild kit_searchentry has to make the triggers again.
    "CREATE TRIGGER kit_searchfts_insert AFTER INSERT ON kit_searchentry BEGIN"
    " INSERT INTO kit_searchfts(rowid, tokens) VALUES (new.id, new.tokens); END",
    "CREATE TRIGGER kit_searchfts_delete AFTER DELETE ON kit_searchentry BEGIN"
    " INSERT INTO kit_searchfts(kit_searchfts, rowid, tokens) VALUES ('delete', old.id, old.tokens); END",
    "CREATE TRIGGER kit_searchfts_update AFTER UPDATE ON kit_searchentry WHEN old.tokens <> new.tokens BEGIN"
    " INSERT INTO kit_searchfts(kit_searchfts, rowid, tokens) VALUES ('delete', old.id, old.tokens);"
    " INSERT INTO kit_searchfts(rowid, tokens) VALUES (new.id, new.tokens); END",
)
POSTGRESQL = (
    "CREATE INDEX kit_searchentry_tokens ON kit_searchentry USING gin (string_to_array(tokens, ' '))",
    # The planner must know frequent keys by name: it then reads the newest records instead of all that match.
    "ALTER INDEX kit_searchentry_tokens ALTER COLUMN 1 SET STATISTICS 1000",
)


def create(apps, schema_editor):
    statements = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("insert", "delete", "update"):
            schema_editor.execute(f"DROP TRIGGER kit_searchfts_{name}")
        schema_editor.execute("DROP TABLE kit_searchfts")
    else:
        schema_editor.execute("DROP INDEX kit_searchentry_tokens")


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('tokens', models.TextField()),
            ],
        ),
        migrations.RunPython(create, remove, elidable=True),
    ]
