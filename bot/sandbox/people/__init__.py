"""The people of the local Slack: what they see, press and type, and what the bot is told of it."""
