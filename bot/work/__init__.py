"""What a worker process does: reading, turns, explanations, and long jobs beside the service."""
