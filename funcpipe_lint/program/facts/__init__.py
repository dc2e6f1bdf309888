"""What one module holds, as plain data: read from its `ast` once, kept between runs."""
