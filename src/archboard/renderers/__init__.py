"""Scenes into files. A renderer knows marks and nothing else; each format is one file."""
