"""One module a resource: what it takes, what it shows, and its routes."""
