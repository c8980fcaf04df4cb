"""What the local cloud says when it cannot go on."""


class LocalCloudError(Exception):
    """The local cloud cannot start or go on; the message is for the person at the terminal."""


class AlreadyRunningError(LocalCloudError):
    """Another local cloud uses the same state directory."""
