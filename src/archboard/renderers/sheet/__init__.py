"""The one page to print."""
