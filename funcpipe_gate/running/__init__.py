"""How stages run: their processes, what has changed, what is beside what."""
