#!/usr/bin/env python3
"""Cuts the checked-in data sets out of the full ones.

Usage: sample.py INPUT_DIR OUTPUT_DIR

INPUT_DIR holds doc-vectors.json, adversarial.json, oracle.jsonl.gz and
corpus.jsonl.gz. The choice depends on the data alone: ties are broken by a
hash of the row, so a rerun gives the same files.
"""

import base64
import gzip
import hashlib
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

DOC_KINDS = {"request-header", "request-query", "derived-key", "interop-nonconformant", "chunked"}
BASES = ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10", "B11", "B14"]
ORACLE_COUNT = 300
ORACLE_MAX_BYTES = 6000
# S3 is one service of many in the full set's strata but has most of the rules.
ORACLE_ROWS_PER_ROUND = {"s3": 4}
CORPUS_OK = 190
CORPUS_WRONG = 30
CORPUS_MAX_BODY = 4096
CHUNKED_MAX_LINE = 5000
# Bodies of 200 kB, for several chunks and for the checksums that the small ones do not have.
CHUNKED_LARGE = {
    ("go-minio-client-7.0.46", "c-cp"),
    ("aws-sdk-js-v3", "c-big-SHA1"),
    ("boto3", "t-big-CRC64NVME"),
}
CORPUS_FIELDS = [
    "client",
    "shape",
    "service",
    "region",
    "access_key",
    "secret",
    "token",
    "presign",
    "time",
    "method",
    "raw_request",
]


def rank(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def write_json(path, document):
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_jsonl(path, source, rows):
    with open(path, "w", encoding="utf-8") as stream:
        for row in [{"source": source, "count": len(rows)}] + rows:
            stream.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def docs(source, target):
    vectors = json.loads((source / "doc-vectors.json").read_text(encoding="utf-8"))["vectors"]
    rows = [v for v in vectors if v["kind"] in DOC_KINDS]
    write_json(
        target / "docs.json",
        {
            "source": "published examples, one source per vector; all values recomputed",
            "count": len(rows),
            "vectors": rows,
        },
    )
    return Counter(v["kind"] for v in rows)


def adversarial(source, target):
    document = json.loads((source / "adversarial.json").read_text(encoding="utf-8"))
    rows = [
        {
            "id": case["id"],
            "base": case["base_request"],
            "mutation": case["mutation"],
            "expect": case["expect"],
            "reason": case["reason"],
            "confidence": case["confidence"],
            "why": case["why"],
        }
        for case in document["cases"]
        if case["base_request"] in BASES
    ]
    write_json(
        target / "adversarial.json",
        {
            "source": "list of ways to attack or confuse a verifier, part for header and presigned requests and chunked bodies",
            "confidence": document["meta"]["confidence"],
            "credentials": document["meta"]["credentials"],
            "bases": {name: document["bases"][name] for name in BASES},
            "count": len(rows),
            "cases": rows,
        },
    )
    return Counter(case["base"] for case in rows)


def oracle(source, target):
    strata = defaultdict(list)
    for row in lines(source / "oracle.jsonl.gz"):
        row["expect"] = {k: v for k, v in row["expect"].items() if not k.startswith("v4a_")}
        if len(json.dumps(row)) > ORACLE_MAX_BYTES:
            continue
        options = json.dumps(row["options"], sort_keys=True)
        strata[row["mode"], row["service"], row["query_style"], options].append(row)
    for key, rows in strata.items():
        rows.sort(key=lambda row: rank(row["id"]))
    # Every stratum gives its share per round, until there are enough.
    order = sorted(strata, key=lambda key: rank(*key))
    chosen = []
    while len(chosen) < ORACLE_COUNT:
        for key in order:
            share = min(ORACLE_ROWS_PER_ROUND.get(key[1], 1), ORACLE_COUNT - len(chosen))
            chosen += strata[key][:share]
            del strata[key][:share]
    chosen.sort(key=lambda row: [int(part) for part in row["id"].split("-")])
    write_jsonl(
        target / "oracle.jsonl",
        "generated requests on which botocore and the AWS C signer agree (sample)",
        chosen,
    )
    return chosen


def pick(rows, count, clients, shapes):
    """Two rows of every remark and of raw non-ASCII, then rare shapes and clients."""
    rows = sorted(rows, key=lambda row: rank(row["client"], row["shape"], row["time"]))
    chosen, rest = [], []
    per_note = Counter()
    for row in rows:
        # Rows without a remark are the bulk and need no such guarantee.
        notes = set(row["check"]["notes"])
        if not base64.b64decode(row["raw_request"]).partition(b"\r\n\r\n")[0].isascii():
            notes.add("not ASCII")
        combination = json.dumps(sorted(notes))
        if any(per_note[note] < 2 for note in notes) or (notes and per_note[combination] == 0):
            per_note.update(notes | {combination})
            chosen.append(row)
        else:
            rest.append(row)
    for row in chosen:
        clients[row["client"]] += 1
        shapes[row["shape"]] += 1
    while len(chosen) < count:
        best = min(rest, key=lambda row: (shapes[row["shape"]], clients[row["client"]]))
        rest.remove(best)
        chosen.append(best)
        clients[best["client"]] += 1
        shapes[best["shape"]] += 1
    return chosen


def corpus(source, target):
    usable = defaultdict(list)
    for row in lines(source / "corpus.jsonl.gz"):
        # Region "*" is the asymmetric algorithm; chunked bodies need the
        # chunk signatures checked. Neither is covered by this sample.
        if row["region"] == "*" or row["check"]["chunked"] is not None or row["http_chunked"]:
            continue
        body = base64.b64decode(row["raw_request"]).partition(b"\r\n\r\n")[2]
        if len(body) < CORPUS_MAX_BODY:
            usable[row["check"]["flag"]].append(row)
    clients, shapes = Counter(), Counter()
    chosen = pick(usable["ok"], CORPUS_OK, clients, shapes)
    chosen += pick(usable["client-wrong"], CORPUS_WRONG, Counter(), Counter())
    chosen.sort(key=lambda row: (row["client"], row["shape"], row["time"]))
    slim = []
    for row in chosen:
        new = {name: row[name] for name in CORPUS_FIELDS}
        new["check"] = {name: row["check"][name] for name in ("flag", "notes", "why", "expect")}
        slim.append(new)
    write_jsonl(
        target / "corpus.jsonl",
        "requests of real clients as captured from the wire (sample)",
        slim,
    )
    return slim


def chunked(source, target):
    """The small requests whose body is aws-chunked, and a few large ones."""
    chosen = []
    for row in lines(source / "corpus.jsonl.gz"):
        check = row["check"]
        small = len(json.dumps(row)) < CHUNKED_MAX_LINE
        if row["region"] == "*" or check["chunked"] is None or check["flag"] != "ok":
            continue
        if small or (row["client"], row["shape"]) in CHUNKED_LARGE:
            new = {name: row[name] for name in CORPUS_FIELDS + ["http_chunked"]}
            new["check"] = {
                name: check[name] for name in ("flag", "notes", "why", "expect", "chunked")
            }
            chosen.append(new)
    chosen.sort(key=lambda row: (row["client"], row["shape"], row["time"]))
    write_jsonl(
        target / "chunked.jsonl",
        "requests of real clients with aws-chunked bodies, as captured from the wire (sample)",
        chosen,
    )
    return chosen


def main():
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    print("docs", dict(docs(source, target)))
    print("adversarial", dict(adversarial(source, target)))
    print("chunked", len(chunked(source, target)))
    rows = oracle(source, target)
    print("oracle", len(rows))
    for name in ("mode", "service", "query_style", "method", "region"):
        print(" ", name, dict(Counter(row[name] for row in rows)))
    print("  options", dict(Counter(json.dumps(row["options"]) for row in rows)))
    rows = corpus(source, target)
    print("corpus", len(rows), dict(Counter(row["check"]["flag"] for row in rows)))
    for name in ("client", "service", "presign", "method"):
        print(" ", name, dict(Counter(row[name] for row in rows)))
    print("  shapes", len({row["shape"] for row in rows}))
    print("  notes", dict(Counter(str(row["check"]["notes"]) for row in rows)))


if __name__ == "__main__":
    main()
