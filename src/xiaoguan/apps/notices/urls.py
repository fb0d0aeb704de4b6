"""Addresses of the inbox, of one's settings, and of the channels."""

from __future__ import annotations

from django.urls import path

from xiaoguan.apps.notices import channels_page, pages, wish_page
from xiaoguan.kit.pages.answers import page

POST = ("POST",)
BOTH = ("GET", "POST")

urlpatterns = [
    path("inbox/", page(pages.inbox_page), name="inbox"),
    path("inbox/count/", page(pages.count_page), name="inbox_count"),
    path("inbox/read/", page(pages.read_page, methods=POST), name="inbox_read"),
    path("inbox/<int:pk>/", page(pages.open_page), name="inbox_open"),
    path("inbox/settings/", page(wish_page.settings_page, methods=BOTH), name="inbox_settings"),
    path("inbox/settings/try/", page(wish_page.try_page, methods=POST), name="inbox_try"),
    path("channels/", page(channels_page.channels_page), name="channels"),
    path("channels/try/", page(channels_page.try_mail, methods=POST), name="channels_try"),
    path("channels/retry/<int:pk>/", page(channels_page.retry, methods=POST), name="channels_retry"),
    path("robots/<int:pk>/setup/", page(channels_page.set_up_robot, methods=POST), name="robot_setup"),
    path("robots/<int:pk>/try/", page(channels_page.try_robot, methods=POST), name="robot_try"),
]
