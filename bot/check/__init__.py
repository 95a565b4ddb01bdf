"""``tocsin check``: every fault in plain words."""
