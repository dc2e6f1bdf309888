"""What the modules of a program hold, as plain data, and what a name of one stands for in another.

In the order in which a question goes through them: `linking` (which calls of a file return a stream
that owns clean-up), `owning` (who owns clean-up, and through whom), `typing` (what an expression
stands for), `names` (what a name is bound to, across modules), `modules` (the facts of a file, read
once), `roots` (which file an import names), `reading` (the facts of one file, from its `ast`),
`holding` (what a function holds at its yields), `expressions` and `facts` (the plain data).

Nothing here imports or runs what it reads, and nothing imports libcst. What is not certain is
unknown, and of what is unknown nothing is said.
"""
