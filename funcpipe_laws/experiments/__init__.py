"""What a law does with an operation: inputs, probes, runs, and checks of what they log."""
