"""What was merged into what, and what somebody said is not one."""

from .different import Different
from .merged import Merged

__all__ = ["Different", "Merged"]
