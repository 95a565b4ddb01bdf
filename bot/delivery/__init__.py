"""From what is owed to what was sent: the notifier, and the one way to post to Slack."""
