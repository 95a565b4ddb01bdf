"""How the model in use is taught a user's own labels."""
