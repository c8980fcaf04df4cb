"""Usage-based billing: pure rules, storage, use cases and the Lambda edge, in that order."""
