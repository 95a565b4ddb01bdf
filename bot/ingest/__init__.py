"""From sources to stored, matched posts on the stream."""
