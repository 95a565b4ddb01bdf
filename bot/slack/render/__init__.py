"""What people read in Slack, as Block Kit. Pure: no store, no clock, no network."""
