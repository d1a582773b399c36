"""The board: marks, scenes (the six steps), layout, routes, labels, text metrics."""
