"""Days that a team expects: what is typed of them, and what is answered. Pure."""
