"""Pure billing rules; nothing here imports anything but the standard library."""
