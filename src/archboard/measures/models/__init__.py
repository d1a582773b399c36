"""Models: memory, speed and tokens of one replica, and what they take for granted."""
