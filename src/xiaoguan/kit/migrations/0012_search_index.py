"""What the search finds keys by, as it is now: an empty database gets it from here, an older one has it."""

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS kit_searchfts USING fts5(tokens, content='kit_searchentry',"
    " content_rowid='id', tokenize=\"ascii tokenchars '.^~+:#$'\", detail=none, columnsize=0)",
    "CREATE TRIGGER IF NOT EXISTS kit_searchfts_insert AFTER INSERT ON kit_searchentry BEGIN"
    " INSERT INTO kit_searchfts(rowid, tokens) VALUES (new.id, new.tokens); END",
    "CREATE TRIGGER IF NOT EXISTS kit_searchfts_delete AFTER DELETE ON kit_searchentry BEGIN"
    " INSERT INTO kit_searchfts(kit_searchfts, rowid, tokens) VALUES ('delete', old.id, old.tokens); END",
    "CREATE TRIGGER IF NOT EXISTS kit_searchfts_update AFTER UPDATE ON kit_searchentry"
    " WHEN old.tokens <> new.tokens BEGIN"
    " INSERT INTO kit_searchfts(kit_searchfts, rowid, tokens) VALUES ('delete', old.id, old.tokens);"
    " INSERT INTO kit_searchfts(rowid, tokens) VALUES (new.id, new.tokens); END",
)
POSTGRESQL = (
    "CREATE INDEX IF NOT EXISTS kit_searchentry_tokens ON kit_searchentry USING gin (tokens)",
    "ALTER TABLE kit_searchentry ALTER COLUMN tokens SET STATISTICS 1000",
)


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("kit", "0011_credits_of_whom")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
