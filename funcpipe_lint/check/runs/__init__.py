"""Many files: over processes or machines, with what is known of those that have not changed."""
