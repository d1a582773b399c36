"""HTML pages: the walkthrough to rehearse with, and the gallery."""
