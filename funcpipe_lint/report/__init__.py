"""One module for each output format; each has `render(run, ...) -> str`."""
