"""What would have rung: stored posts through the production path on a virtual clock."""
