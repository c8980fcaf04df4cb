"""Other people's log files are kept, and read by nobody else."""

from tests.template.deployed import Rule, Template, logical_id_in


def buckets_are_private(template: Template) -> list[str]:
    """Every bucket is encrypted, versioned and kept, and nobody reads it in public or in clear.

    It holds what other people's usage was billed from, and the only proof of it.
    """
    complaints = []
    guarded = {
        logical_id_in(policy["Bucket"])
        for _, policy in template.properties_of_type("AWS::S3::BucketPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Principal"], statement["Action"])
        == ("Deny", "*", "s3:*")
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    }
    for name, bucket in template.of_type("AWS::S3::Bucket"):
        properties = bucket["Properties"]
        blocked = properties.get("PublicAccessBlockConfiguration", {})
        holds = {
            "is not encrypted": "BucketEncryption" in properties,
            "is not closed to the public": [*blocked.values()] == [True] * 4,
            "lets others own what is in it": properties.get("OwnershipControls")
            == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "forgets what was there": properties.get("VersioningConfiguration")
            == {"Status": "Enabled"},
            "is deleted with the stack": bucket.get("DeletionPolicy")
            == bucket.get("UpdateReplacePolicy")
            == "Retain",
            "may be read in clear": name in guarded,
        }
        complaints += [f"{name} {complaint}" for complaint, held in holds.items() if not held]
    return complaints


def browsers_only_send(template: Template) -> list[str]:
    """Pages of other origins may send a bucket a form, and neither read from it nor add a header.

    What a signature does not cover, no page may decide.
    """
    return [
        f"{name} lets pages of other origins do more than send a form"
        for name, bucket in template.properties_of_type("AWS::S3::Bucket")
        for rule in bucket.get("CorsConfiguration", {}).get("CorsRules", [])
        if rule["AllowedMethods"] != ["POST"] or rule.get("AllowedHeaders")
    ]


RULES: tuple[Rule, ...] = (buckets_are_private, browsers_only_send)
