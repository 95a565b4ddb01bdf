"""What people are shown and may ask: incidents, topics, posts, the past, and the export of a record."""
