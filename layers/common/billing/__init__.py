"""Usage-based billing: pure rules, storage, use cases and the Lambda edge, in that order."""

# What is deployed, and what its description says of it: pyproject.toml has the same.
VERSION = "0.1.0"
