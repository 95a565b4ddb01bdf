"""What an operator writes: the settings file, its schema and its faults, and the environment."""
