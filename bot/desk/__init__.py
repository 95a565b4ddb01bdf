"""What people ask and do, without Slack: queries, acts, and the values that are shown."""
