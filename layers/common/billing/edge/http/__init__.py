"""HTTP as this API speaks it, for any resource: machinery that knows none."""
