"""What can be read from a suspended generator without running it."""
