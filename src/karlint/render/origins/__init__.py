"""Origin maps: for each renderer, where the values of what it rendered are written."""
