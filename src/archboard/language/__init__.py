"""The .arch language: from text to a Document, and back."""
