"""One gate for a project's async streams: `funcpipe check` runs every part of the kit."""
