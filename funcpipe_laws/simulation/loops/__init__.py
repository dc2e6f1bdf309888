"""The event loops that laws run on, the simulated one and the stock one, and what is left."""
