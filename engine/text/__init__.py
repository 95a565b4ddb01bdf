"""The text of posts before any model sees it."""
