"""How a number came to be, as an indented tree and as data."""
