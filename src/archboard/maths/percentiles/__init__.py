"""Percentiles of a whole flow: the sum, the independent answer with its bracket, the bound, and what lies between."""
