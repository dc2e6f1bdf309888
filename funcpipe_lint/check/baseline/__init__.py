"""Old violations, recorded and kept back until they are mended."""
