"""One module per use case; each is told the time, the ids and the stores it works with."""
