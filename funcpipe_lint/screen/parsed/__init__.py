"""The later screens: what the `ast` of the functions that are left shows of each rule."""
