"""Posts about the same happening, gathered one post at a time."""
