"""What one module holds, as plain data (`records`, `expressions`): read from its `ast` (`reading`,
`holding`), which is that of its statements without the bodies of functions (`skeleton`); a body is
parsed when somebody asks for the function. `lenient` reads later Pythons.
"""
