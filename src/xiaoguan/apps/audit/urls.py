"""Addresses of the audit."""

from django.urls import path

from xiaoguan.apps.audit import pages, review_pages
from xiaoguan.kit.pages.answers import page

BOTH = ("GET", "POST")

app_name = "audit"
urlpatterns = [
    path("audit/", page(pages.log), name="log"),
    path("audit/export/", page(pages.export), name="export"),
    path("audit/files/<int:pk>/", page(pages.file), name="file"),
    path("audit/readings/", page(pages.readings), name="readings"),
    path("audit/sign-ins/", page(pages.sign_ins), name="sign_ins"),
    path("audit/sensitive/", page(pages.watched, methods=BOTH), name="watched"),
    path("audit/reviews/", page(review_pages.reviews, methods=BOTH), name="reviews"),
    path("audit/reviews/<int:pk>/", page(review_pages.review, methods=BOTH), name="review"),
    path("audit/reviews/<int:pk>/document/", page(review_pages.document), name="document"),
]
