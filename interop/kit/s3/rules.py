"""What more than one S3 server does otherwise than S3."""

from kit.checks import Rule
from kit.s3.session import REFUSED

# A signer cannot please all: S3 Control has ARNs with `%2F` in its paths, signed as `%2F`.
SIGNS_SLASH_FOR_2F = [
    Rule("key encoded slash: PUT", REFUSED, "signs the slash that %2F stands for"),
    Rule("key encoded slash: its name in the list", "not there", "the PUT was refused"),
]

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
