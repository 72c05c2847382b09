"""What more than one S3 server does otherwise than S3."""

from kit.checks import Rule

DOES_NOT_HASH_THE_BODY = [
    Rule(
        "*PUT with changed body under the old hash",
        "accepted",
        "does not compare x-amz-content-sha256 with the body",
    ),
    Rule("tampering: the object", "other bytes.*", "the changed body was accepted"),
]

TAKES_ANY_REGION = [
    Rule("signed for another region", "accepted", "takes the region from the signature"),
]

TAKES_ANY_SERVICE = [
    Rule("signed for another service", "accepted", "takes the service from the signature"),
]
