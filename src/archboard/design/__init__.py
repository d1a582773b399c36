"""The Design: from what was written to what was meant, under the overrides of a what-if if there are any."""
