"""What was merged into what."""

from .merged import Merged

__all__ = ["Merged"]
