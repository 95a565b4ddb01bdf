"""Block Kit as Slack checks it: its rules, and what a person can press or fill in."""
