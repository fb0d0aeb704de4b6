"""A pytest plugin, loaded before the settings are read: a test run keeps nothing and touches no installation.

``pyproject.toml`` names it with ``-p``; a conftest would come too late, as pytest-django reads the settings first.
"""

import os
import tempfile
from pathlib import Path

for name in [name for name in os.environ if name.startswith("XIAOGUAN_") and not name.startswith("XIAOGUAN_TEST_")]:
    del os.environ[name]
for name in ("DEBUG", "SECRET_KEY"):
    os.environ.pop(name, None)
os.environ["XIAOGUAN_TEST"] = "1"
os.environ["XIAOGUAN_HOME"] = str(Path(tempfile.gettempdir()) / f"xiaoguan-test-{os.getpid()}")
# The suite runs on SQLite unless it is told another database on purpose.
os.environ["DATABASE_URL"] = os.environ.get("XIAOGUAN_TEST_DATABASE_URL", "")
