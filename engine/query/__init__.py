"""The topic query language."""
