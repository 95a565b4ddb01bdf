"""What people may do to incidents beyond their own: rights, levels set by hand, merging and splitting."""
