"""What people read, in every language: the one catalogue, and how its sentences are filled."""
