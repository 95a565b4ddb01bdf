"""The one root of the errors that the service raises on purpose."""


class TocsinError(Exception):
    """A fault that a person can do something about; its message is a plain sentence."""
