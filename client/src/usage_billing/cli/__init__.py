"""The command `billing`: a module a group of commands, over the client of this package."""
