"""How the watch hears of what happens on event loops, and how all is left as it was found."""
