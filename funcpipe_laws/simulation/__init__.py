"""A run without a clock or a network: loops that decide everything, and what a run did on them."""
