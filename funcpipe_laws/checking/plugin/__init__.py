"""`pytest --laws`: its options, its tests, and what it says at the end.

Read in every run of pytest: what is heavy is imported where it is used.
"""
