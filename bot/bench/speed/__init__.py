"""The engine's speed on this machine."""
