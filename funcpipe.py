"""`python -m funcpipe`: the gate's command, by the interpreter whose environment it is to check."""

from funcpipe_gate.__main__ import command

if __name__ == "__main__":
    command()
