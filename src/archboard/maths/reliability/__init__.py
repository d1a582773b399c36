"""Reliability: replicas, and how likely a structure of things that can fail holds."""
