"""Sweeps for people and machines: the terminal, diagrams, JSON, and the list of known faults."""
