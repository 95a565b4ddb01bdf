"""Posts, their copies, their readings, and what is on record of them."""
