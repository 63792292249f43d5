"""Sources over text files."""
