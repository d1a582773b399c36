"""Distributions of one time: what percentiles describe, and what waits in a queue before it."""
