"""A proof by exploring: the services over a small model of DynamoDB, under a scheduler of faults."""
