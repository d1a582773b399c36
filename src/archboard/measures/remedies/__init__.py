"""Remedies: for each gap the change that would close it, found by solving."""
