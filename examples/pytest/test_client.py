"""A client that signs with botocore, against `sigcurl serve`."""
import json
import urllib.error
import urllib.request

import pytest
from conftest import KEYS

awsrequest = pytest.importorskip("botocore.awsrequest", reason="SKIPPED: botocore is not installed")
auth = pytest.importorskip("botocore.auth")
credentials = pytest.importorskip("botocore.credentials")


def call(url, body, secret):
    request = awsrequest.AWSRequest("POST", url, data=body, headers={"Content-Type": "application/json"})
    keys = credentials.Credentials(KEYS["AWS_ACCESS_KEY_ID"], secret)
    auth.SigV4Auth(keys, "execute-api", KEYS["AWS_REGION"]).add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(url, body, dict(request.headers))) as answer:
        return json.load(answer)


def test_what_is_signed_arrives(signed_endpoint):
    echo = call(f"{signed_endpoint}/pets?name=Rex", b'{"a": 1}', KEYS["AWS_SECRET_ACCESS_KEY"])
    assert echo["path"] == "/pets"
    assert echo["body"] == '{"a": 1}'
    assert echo["signed"]["access_key_id"] == KEYS["AWS_ACCESS_KEY_ID"]


def test_a_wrong_secret_is_refused(signed_endpoint):
    with pytest.raises(urllib.error.HTTPError) as refused:
        call(f"{signed_endpoint}/pets", b"{}", "wrong")
    assert refused.value.code == 403
    assert "The Canonical String for this request should have been" in refused.value.read().decode()
