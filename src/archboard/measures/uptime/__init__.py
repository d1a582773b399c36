"""Uptime: what must be up for a request to be answered, and how often it is."""
