"""What one module holds, as plain data (`records`, `expressions`): read from its `ast` (`reading`),
which is that of its statements without the bodies of functions (`skeleton`); a body (`body`) is
parsed when somebody asks for the function (`collected`). `shapes` tells what a statement or a test
says by itself, `stubs` what a `.pyi` tells of types. `lenient` reads later Pythons, `kept` what was
kept of another run.
"""
