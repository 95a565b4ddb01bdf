"""What people ask and do, without Slack: acts, and with `views` what they are shown."""
