"""Load: demand, capacity, limits, retries that feed back, and what comes when something gives way."""
