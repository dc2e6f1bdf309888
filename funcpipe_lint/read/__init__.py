"""What is known of a file before it is a tree: its bytes, its text, and whether that is Python."""
