"""A run without a clock or a network: what lands when, what is done, and the trace of it."""
