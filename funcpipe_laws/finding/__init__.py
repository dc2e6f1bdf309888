"""From the name of a module to what it has: its operations, their kinds, its Result types."""
