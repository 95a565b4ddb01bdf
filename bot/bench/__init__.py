"""Measurements that anybody can repeat: the engine's speed, and what detection finds."""
