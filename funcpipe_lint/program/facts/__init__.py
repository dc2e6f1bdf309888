"""What one module holds, as plain data (`records`, `expressions`): read from its `ast` (`reading`),
which is that of its statements without the bodies of functions (`skeleton`); a body is parsed when
somebody asks for the function (`collected`). `bodies` goes through its statements, `asking` and
`holding` keep what is asked for and held at its yields, `shapes` tells what a statement or a test
says by itself. `lenient` reads later Pythons, `kept` what was kept of another run.
"""
