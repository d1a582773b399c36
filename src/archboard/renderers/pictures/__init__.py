"""Scenes into pictures: SVG, PNG, PDF, Mermaid."""
