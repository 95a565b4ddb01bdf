"""The forms that people fill in, and how what they filled in is read."""
