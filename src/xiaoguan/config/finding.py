"""What a look of ``xiaoguan doctor`` found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``state`` is ok, warn (works, but) or fail (does not work), ``mend`` what to do."""

    subject: str
    state: str
    text: str
    mend: str = ""
