"""A value of the settings that cannot be used, told before it is known where it stands."""

from __future__ import annotations

from bot.errors import LocalisedError


class SettingValueError(LocalisedError, ValueError):
    """What is wrong with one value. A ValueError, so that pydantic collects it with the others."""
