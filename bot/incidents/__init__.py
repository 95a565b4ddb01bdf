"""The life of an incident: what opens, raises, escalates and closes it."""
