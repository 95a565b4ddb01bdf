"""An incident as a file for people who were not in Slack. Pure."""
