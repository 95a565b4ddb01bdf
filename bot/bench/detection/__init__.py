"""How soon crises are found, and at what price in false alarms."""
