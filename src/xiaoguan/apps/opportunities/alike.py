"""Products that are in the price list twice can be merged."""

from __future__ import annotations

from typing import Any

from xiaoguan.apps.merging.declaring import mergeable
from xiaoguan.apps.opportunities.models import Product
from xiaoguan.kit.access import visible

MOST = 5


def products(product: Product, actor: Any) -> list[tuple[Product, str]]:
    """Products of the same name, however it is written."""
    rows = visible(Product, actor).filter(name_key=product.name_key).exclude(pk=product.pk)
    return [(row, "") for row in rows.order_by("pk")[:MOST]]


mergeable(Product, suggest=products)
