"""The faces: command line and studio. They come last, and nothing imports them."""
