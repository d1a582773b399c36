"""Writing: labels, numbers, titles, legend, icons, and how wide words are."""
