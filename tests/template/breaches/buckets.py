"""How the rules of buckets are broken."""

from tests.template.breaches.breaking import Breach, properties, resource
from tests.template.rules import buckets

BREACHES: tuple[Breach, ...] = (
    (
        buckets.buckets_are_private,
        lambda s: properties(s, "LogsBucket").pop("BucketEncryption"),
        "LogsBucket is not encrypted",
    ),
    (
        buckets.buckets_are_private,
        lambda s: properties(s, "LogsBucket")["PublicAccessBlockConfiguration"].update(
            BlockPublicPolicy=False
        ),
        "LogsBucket is not closed to the public",
    ),
    (
        buckets.buckets_are_private,
        lambda s: properties(s, "LogsBucket").pop("VersioningConfiguration"),
        "LogsBucket forgets what was there",
    ),
    (
        buckets.buckets_are_private,
        lambda s: resource(s, "LogsBucket").pop("DeletionPolicy"),
        "LogsBucket is deleted with the stack",
    ),
    (
        buckets.buckets_are_private,
        lambda s: s["Resources"].pop("LogsBucketPolicy"),
        "LogsBucket may be read in clear",
    ),
    (
        buckets.browsers_only_send,
        lambda s: properties(s, "LogsBucket")["CorsConfiguration"]["CorsRules"][0].update(
            AllowedMethods=["POST", "GET"]
        ),
        "LogsBucket lets pages of other origins do more than send a form",
    ),
    (
        buckets.browsers_only_send,
        lambda s: properties(s, "LogsBucket")["CorsConfiguration"]["CorsRules"][0].update(
            AllowedHeaders=["*"]
        ),
        "LogsBucket lets pages of other origins do more than send a form",
    ),
)
