"""Write the gallery as files and take pictures: `python -m xiaoguan.kit.tests.gallery.shoot OUT [page …]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django
from django.conf import settings


def configure() -> None:
    """Just enough of Django for templates; no database and no apps of ours."""
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles"], LANGUAGE_CODE="zh-hans",
        LANGUAGES=[("zh-hans", "中文"), ("en", "English")],
        ROOT_URLCONF="xiaoguan.kit.tests.gallery.addresses", SECRET_KEY="gallery",
        STATIC_URL="/static/", TIME_ZONE="Asia/Shanghai", USE_TZ=True,
    )  # fmt: skip
    django.setup()


def translate(messages: Path | None) -> None:
    """Lay a JSON file of messages over the catalogue, for pictures of words that are not merged yet."""
    if messages is None:
        return
    from django.utils.translation import trans_real

    catalogue = trans_real.translation("zh-hans")._catalog._catalogs[0]
    for msgid, said in json.loads(messages.read_text()).items():
        if isinstance(said, list):
            catalogue.update({(msgid, n): said[1] for n in range(2)} | {(said[0], n): said[1] for n in range(2)})
        else:
            catalogue.update({msgid: said})


if __name__ == "__main__":
    configure()
    target = Path(sys.argv[1])
    side = next((Path(arg) for arg in sys.argv[2:] if arg.endswith(".json")), None)
    translate(side)
    from xiaoguan.kit.tests.gallery import cast

    cast.write(target, [arg for arg in sys.argv[2:] if not arg.endswith(".json")])
