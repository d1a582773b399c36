"""The report of a check in every form."""
