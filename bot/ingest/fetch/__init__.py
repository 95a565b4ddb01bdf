"""Fetching over HTTP: within limits, politely, and never where it is not allowed."""
