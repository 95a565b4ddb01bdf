"""Incidents, their timeline, the messages owed, and what people corrected."""
