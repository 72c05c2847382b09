#!/usr/bin/env python3
"""Turns a directory of Signature Version 4 suite cases into one JSON file.

Usage: convert_suite.py SUITE_DIR OUTPUT

SUITE_DIR is the `aws-signing-test-suite/v4` directory of the `aws-sigv4`
package (1.6.4). Every case is recomputed before it is written, so a wrong
reading of the format stops the script instead of reaching the tests.
"""

import hashlib
import hmac
import json
import re
import sys
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

# Cases of the package that its maintainers added to the suite.
ADDED = {"double-encode-path", "double-url-encode"}

# The package percent-encoded the space in the input of (one of) these cases
# but left the expected values alone, which no longer fit that input.
RAW_SPACE = {"get-space-normalized", "get-space-unnormalized"}

EXPECTED_COUNT = 38


def text(path):
    # Decoding strictly: a file that is not UTF-8 would need another field.
    return path.read_bytes().decode("utf-8")


def parse_request(raw):
    """Splits a request file into method, target, headers and body."""
    head, _, body = raw.partition("\n\n")
    lines = head.rstrip("\n").split("\n")
    method, rest = lines[0].split(" ", 1)
    # The target may hold spaces, so only the last word is the version.
    target, version = rest.rsplit(" ", 1)
    assert version == "HTTP/1.1", version
    headers = []
    for line in lines[1:]:
        if line[:1] in (" ", "\t"):
            # A folded line continues the value before it. Its line break
            # becomes one space and its indentation stays, as a receiver that
            # replaces each fold by spaces would see it.
            headers[-1][1] += " " + line
        else:
            name, value = line.split(":", 1)
            headers.append([name, value])
    return method, target, headers, body


def encode(raw, safe):
    return quote(raw, safe=safe + "-._~")


def remove_dots(path):
    out = []
    for part in path.split("/"):
        if part == "..":
            out = out[:-1]
        elif part not in ("", "."):
            out.append(part)
    tail = "/" if path.endswith("/") and out else ""
    return "/" + "/".join(out) + tail


def canonical_query(pairs):
    return "&".join(f"{k}={v}" for k, v in sorted(pairs))


def check(case, kind, extra_headers, extra_query):
    """Recomputes one signing from the input and compares every stage."""
    request, expected = case["request"], case[kind]
    path = remove_dots(request["path"]) if case["normalize"] else request["path"]
    pairs = []
    for piece in filter(None, request["query"].split("&")):
        name, _, value = piece.partition("=")
        pairs.append(tuple(encode(unquote_to_bytes(s), "") for s in (name, value)))
    merged = {}
    for name, value in request["headers"] + extra_headers:
        value = re.sub(r"[ \t]+", " ", value.strip(" \t"))
        merged.setdefault(name.lower(), []).append(value)
    signed = ";".join(sorted(merged))
    extra_query = [(k, signed if v is None else v) for k, v in extra_query]
    pairs += [(encode(k, ""), encode(v, "")) for k, v in extra_query]
    body_hash = hashlib.sha256(request["body"].encode()).hexdigest()
    canonical = "\n".join(
        [request["method"], encode(path, "/"), canonical_query(pairs)]
        + [f"{name}:{','.join(merged[name])}" for name in sorted(merged)]
        + ["", signed, body_hash]
    )
    assert canonical == expected["canonical_request"], (case["name"], kind, canonical)
    scope = f"{case['timestamp'][:8]}/{case['region']}/{case['service']}/aws4_request"
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", case["timestamp"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    assert to_sign == expected["string_to_sign"], (case["name"], kind)
    key = ("AWS4" + case["secret_access_key"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    assert signature == expected["signature"], (case["name"], kind)
    if kind == "header":
        credential = f"{case['access_key_id']}/{scope}"
        assert expected["signed_headers"] == signed
        assert expected["authorization"] == (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}"
        )
    else:
        assert expected["signed_target"].endswith(f"&X-Amz-Signature={signature}")


def convert(folder):
    context = json.loads(text(folder / "context.json"))
    credentials = context["credentials"]
    raw = text(folder / "request.txt")
    if folder.name in RAW_SPACE:
        raw = raw.replace("/example%20space/", "/example space/", 1)
    method, target, headers, body = parse_request(raw)
    path, _, query = target.partition("?")

    signed = {
        kind: parse_request(text(folder / f"{kind}-signed-request.txt"))
        for kind in ("header", "query")
    }
    authorization = next(v for n, v in signed["header"][2] if n == "Authorization")
    case = {
        "name": folder.name,
        "access_key_id": credentials["access_key_id"],
        "secret_access_key": credentials["secret_access_key"],
        "session_token": credentials.get("token"),
        "omit_session_token": context.get("omit_session_token", False),
        "region": context["region"],
        "service": context["service"],
        "timestamp": re.sub(r"[-:]", "", context["timestamp"]),
        "expires": context["expiration_in_seconds"],
        "normalize": context["normalize"],
        "sign_body": context["sign_body"],
        "signed_body_header": any(
            n.lower() == "x-amz-content-sha256" for n, _ in signed["header"][2]
        ),
        "request": {
            "method": method,
            "path": path,
            "query": query,
            "headers": headers,
            "body": body,
        },
        "header": {
            "canonical_request": text(folder / "header-canonical-request.txt"),
            "string_to_sign": text(folder / "header-string-to-sign.txt"),
            "signature": text(folder / "header-signature.txt"),
            "authorization": authorization,
            "signed_headers": re.search(r"SignedHeaders=([^,]*)", authorization).group(1),
            "signed_request_headers": signed["header"][2],
        },
        "query": {
            "canonical_request": text(folder / "query-canonical-request.txt"),
            "string_to_sign": text(folder / "query-string-to-sign.txt"),
            "signature": text(folder / "query-signature.txt"),
            "signed_target": signed["query"][1],
        },
    }
    # The signed requests must repeat the input, else the two disagree on it.
    assert signed["header"][1] == target, (folder.name, signed["header"][1], target)
    assert signed["header"][3] == body and signed["query"][3] == body
    assert signed["header"][2][: len(headers)] == headers
    assert signed["query"][2] == headers
    assert signed["query"][1].startswith(target)
    assert case["signed_body_header"] == case["sign_body"]

    token = case["session_token"]
    in_signature = token is not None and not case["omit_session_token"]
    added = [["X-Amz-Date", case["timestamp"]]]
    if in_signature:
        added.append(["X-Amz-Security-Token", token])
    if case["sign_body"]:
        added.append(["x-amz-content-sha256", hashlib.sha256(body.encode()).hexdigest()])
    check(case, "header", added, [])
    scope = f"{case['timestamp'][:8]}/{case['region']}/{case['service']}/aws4_request"
    parameters = [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", f"{case['access_key_id']}/{scope}"),
        ("X-Amz-Date", case["timestamp"]),
        ("X-Amz-Expires", str(case["expires"])),
        ("X-Amz-SignedHeaders", None),
    ]
    if in_signature:
        parameters.append(("X-Amz-Security-Token", token))
    check(case, "query", [], parameters)
    return case


def main():
    source, output = Path(sys.argv[1]), Path(sys.argv[2])
    cases = [
        convert(folder)
        for folder in sorted(source.iterdir())
        if folder.is_dir() and folder.name not in ADDED
    ]
    assert len(cases) == EXPECTED_COUNT, len(cases)
    document = {
        "source": "aws-c-auth tests/aws-signing-test-suite/v4 (v0.9.0), as carried by the Rust package aws-sigv4 1.6.4",
        "license": "Apache-2.0, Copyright Amazon.com, Inc. or its affiliates; converted to JSON, see README.md for what changed",
        "count": len(cases),
        "cases": cases,
    }
    output.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
