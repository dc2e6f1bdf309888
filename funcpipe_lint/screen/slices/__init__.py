"""What of a file libcst is shown: what no wanted rule can ask about is overwritten by as many
characters, so that every offset stays what it was.

`outline` finds a file's statements by their indentation. `roots` are those that a rule may speak
of; `slicing` keeps them, and what they mention. `rebinding` is which names a function binds.
"""
