"""The first screens: what a file's bytes rule out, and which functions they leave."""
