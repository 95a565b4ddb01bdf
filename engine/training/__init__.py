"""How the default model is made and measured. Nothing here is imported while the service runs."""
