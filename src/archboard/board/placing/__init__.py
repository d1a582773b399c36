"""Placing: where boxes and frames stand."""
