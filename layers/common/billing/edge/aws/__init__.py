"""What the protocols of the services stand for, as AWS has it."""
