"""The answers of solve and sweep, and what the numbers hang on."""
