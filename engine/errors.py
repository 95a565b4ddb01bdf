"""The one root of the errors that the engine raises on purpose."""


class EngineError(Exception):
    """A fault that a person can do something about; its message is a plain sentence."""
