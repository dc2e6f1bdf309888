"""What of a file libcst is shown: what no wanted rule can ask about is overwritten by as many
characters, so that every offset stays what it was.

`outline` finds a file's statements by their indentation; `slicing` keeps those that hold the words
of what is asked, and what these mention; `rebinding` is how a function binds a name of the module.
"""
