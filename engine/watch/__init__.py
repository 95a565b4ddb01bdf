"""The watch over one topic: what is measured, what it means, and why."""
