"""Laws checked on what was found: the search, the tests of pytest, the command."""
