"""Endpoints, their secrets, changes on their way out and deliveries."""

from xiaoguan.apps.webhooks.models.delivery import Delivery, Outgoing
from xiaoguan.apps.webhooks.models.endpoint import Endpoint, Secret

__all__ = ["Delivery", "Endpoint", "Outgoing", "Secret"]
