"""Topics, how they are tuned, and the one way to change what is kept of one."""
