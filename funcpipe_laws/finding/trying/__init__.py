"""What a function on streams is, by what it does: tried on a simulated loop, in bounded time."""
