"""Tocsin's service: feeds in, alerts out, and the people who answer them."""
