"""The edges that are not Slack and not SQL: Redis, HTTP, threads, the clock, logs."""
