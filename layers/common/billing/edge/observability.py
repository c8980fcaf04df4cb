"""Logs, traces and metrics of this container, by Powertools; its variables name the service.

Nothing here writes a body, a header or a secret: the handlers log what they name, and no more.
"""

from aws_lambda_powertools import Logger, Metrics, Tracer

logger = Logger()
metrics = Metrics()

# Only calls to AWS are traced; patching every library that the tracer knows slows a cold start.
tracer = Tracer(patch_modules=["botocore"])
