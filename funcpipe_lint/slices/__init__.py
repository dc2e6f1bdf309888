"""What of a file libcst is shown: what no wanted rule can ask about is overwritten by as many
characters, so that every offset stays what it was.

`outline` finds a file's statements by their indentation; `roots` tells which of them a rule may
speak of, and `slicing` follows what these mention; `rebinding` is how a function binds a name of
the module. `prune` does the same from the file's whole tree, for the rules that `roots` does not
know.
"""
