"""A flow as a graph and as an activity network: times, queues, timeouts, retries and hedges."""
