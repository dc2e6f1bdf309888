"""What the modules of a program hold, as plain data, and what a name of one stands for in another.

In the order in which a question goes through them: `linking` (which calls of a file return a stream
that owns clean-up), `owners` (who owns clean-up, and through whom; what managers hold), `typing`
(what an expression stands for: `entities`), `classes` (bases, and who is below), `names` (what a
name is bound to, across modules), `asked` (what was asked of other files, for the cache), `modules`
(the facts of a file), `roots` (which file an import names), `facts` (what one file holds). `links`
is what all of it comes to for a file.

Nothing here imports or runs what it reads, and nothing imports libcst. What is not certain is
unknown, and of what is unknown nothing is said.
"""
