"""The reference implementation of async streams."""
