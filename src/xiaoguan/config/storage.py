"""Where uploaded files lie: a folder of the installation, or a bucket of a service that speaks S3."""

import os
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from xiaoguan.config import environment


def of_files() -> dict[str, Any]:
    """The default storage. Without `XIAOGUAN_S3_BUCKET` it is the folder `files`; raises ImproperlyConfigured."""
    bucket = environment.text("XIAOGUAN_S3_BUCKET")
    endpoint = environment.address("XIAOGUAN_S3_ENDPOINT", ("http", "https"))
    told = {
        "endpoint_url": endpoint.geturl() if endpoint else None,
        "region_name": environment.text("XIAOGUAN_S3_REGION") or None,
        "access_key": environment.text("XIAOGUAN_S3_KEY") or None,
        "secret_key": environment.text("XIAOGUAN_S3_SECRET") or None,
        "location": environment.text("XIAOGUAN_S3_PREFIX"),
        "addressing_style": environment.choice("XIAOGUAN_S3_ADDRESSING", "auto", ("auto", "path", "virtual")),
    }
    if not bucket:
        if endpoint:
            raise ImproperlyConfigured("XIAOGUAN_S3_ENDPOINT is set without XIAOGUAN_S3_BUCKET")
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured("XIAOGUAN_S3_BUCKET needs the extra s3: pip install 'xiaoguan[s3]'")
    # Many services that speak S3 know nothing of the checksums that only Amazon's own asks for.
    os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    os.environ.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")
    # Nobody gets an address of the service: files leave through us, after a check of who asks.
    fixed = {"bucket_name": bucket, "default_acl": None, "querystring_auth": True, "file_overwrite": False}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": fixed | told}
