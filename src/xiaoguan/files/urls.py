"""The one address of stored files."""

from django.urls import path

from xiaoguan.files.serving import file_page, keep_page
from xiaoguan.kit.pages.answers import page

urlpatterns = [
    path("files/", page(keep_page, methods=("POST",)), name="keep_file"),
    path("files/<uuid:pk>/", page(file_page), name="stored_file"),
]
