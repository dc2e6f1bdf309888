"""`funcpipe init`: looks at a project, proposes a configuration, and writes it on a yes."""
