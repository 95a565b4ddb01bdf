"""What can be said of a topic now: its numbers, and what would change its level."""
