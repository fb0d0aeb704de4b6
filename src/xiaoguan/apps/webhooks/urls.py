"""Addresses of webhooks beside those of the kit."""

from __future__ import annotations

from django.urls import path

from xiaoguan.apps.webhooks import pages
from xiaoguan.kit.pages.answers import page

POST = ("POST",)

urlpatterns = [
    path("webhooks/<int:pk>/topics/", page(pages.topics, methods=POST), name="webhook_topics"),
    path("webhooks/<int:pk>/secret/", page(pages.secret, methods=POST), name="webhook_secret"),
    path("webhooks/<int:pk>/ping/", page(pages.ping, methods=POST), name="webhook_ping"),
    path("webhooks/deliveries/<int:pk>/", page(pages.delivery_page), name="webhook_delivery"),
    path("webhooks/deliveries/<int:pk>/resend/", page(pages.resend, methods=POST), name="webhook_resend"),
]
