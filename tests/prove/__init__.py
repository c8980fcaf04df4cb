"""A proof by exploring: the services over a model of DynamoDB, under a scheduler of faults."""
