"""The models that were trained here: which one is in use, and how a team teaches it."""
