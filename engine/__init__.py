"""Posts in, readings and assessments out.

A pure library: no clock, no network, no database, no Slack. Time comes in as an argument.
"""
