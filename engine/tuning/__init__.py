"""How easily a topic rings, and how that is learned."""
