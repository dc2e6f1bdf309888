"""Who owns clean-up that has to be awaited (`owning`), and what managers hold (`managing`)."""
