"""Routing: which way lines go."""
