"""`funcpipe-lint server`: findings, fixes and rule pages in an editor, by the language server
protocol."""
