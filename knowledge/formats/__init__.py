"""One module per family of file formats: text or bytes in, blocks out. They run in the reading process only."""
