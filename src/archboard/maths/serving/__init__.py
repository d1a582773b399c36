"""A language model's server: what a step takes, where it saturates, and how it answers at a load below that."""
