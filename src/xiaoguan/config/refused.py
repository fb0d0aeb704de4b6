"""The refusal of a command."""


class Refused(Exception):
    """A command cannot do what it was asked; the text is one sentence for the person at the terminal."""
