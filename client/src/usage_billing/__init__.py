"""The client of usage-based billing: send usage that counts once, and call every operation."""
