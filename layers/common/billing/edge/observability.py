"""Logs and metrics of this container, by Powertools; its variables name the service.

Nothing here writes a body, a header or a secret: the handlers log what they name, and no more.
Lambda traces each invocation by itself; no SDK adds the calls that a function makes.
"""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
