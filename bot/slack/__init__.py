"""Everything that knows Slack: what people type, what they read, and the Bolt app between the two."""
