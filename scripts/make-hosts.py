#!/usr/bin/env python3
"""Generates sigv4-cli/src/hosts.txt from the botocore that this Python can import.

    python3 -m venv venv && venv/bin/pip install botocore
    venv/bin/python scripts/make-hosts.py            write the table and print what changed
    venv/bin/python scripts/make-hosts.py --check    only print; exit 1 if anything changed
    venv/bin/python scripts/make-hosts.py --all F    also write every host, name and region to F

botocore is asked for the host, signing name and region of every service in every region, with and
without FIPS and dual-stack. The rules of infer.rs, repeated below, are applied to each host. Where
they fail, the shortest end of the host that tells the service apart becomes a row. A last pass
checks that rules and rows together get every host right; if not, nothing is written.
"""

import argparse
import collections
import itertools
import pathlib
import re
import sys
import urllib.parse

import botocore
import botocore.endpoint_provider
import botocore.exceptions
import botocore.loaders

TABLE = pathlib.Path(__file__).resolve().parent.parent / "sigv4-cli" / "src" / "hosts.txt"

# Hosts of single resources, which botocore does not make from its rules alone: from AWS's
# documentation, or, if so marked, from the endpoint tests that are in botocore's repository but not
# in its package. `*` stands for an id. Third, the region to sign for: None if it is the one in the
# host, "*" for SigV4a only, "?" if the host does not tell.
RESOURCE_HOSTS = [
    ("*.aos.us-east-1.on.aws", "es", None),
    ("*.appsync-api.us-east-1.amazonaws.com", "appsync", None),
    ("*.appsync-realtime-api.us-east-1.amazonaws.com", "appsync", None),
    ("*.iot.us-east-1.amazonaws.com", "iotdata", None),
    ("*.jobs.iot.us-east-1.amazonaws.com", "iot-jobs-data", None),
    ("*.lambda-url.us-east-1.on.aws", "lambda", None),
    ("*.*.us-east-1.neptune.amazonaws.com", "neptune-db", None),
    ("*.*.us-east-1.rds.amazonaws.com", "rds-db", None),
    ("aps-workspaces.us-east-1.amazonaws.com", "aps", None),
    ("git-codecommit.us-east-1.amazonaws.com", "codecommit", None),
    ("mturk-requester-sandbox.us-east-1.amazonaws.com", "mturk-requester", None),
    ("transcribestreaming.us-east-1.amazonaws.com", "transcribe", None),
    # endpoint tests
    ("*.accesspoint.s3-global.amazonaws.com", "s3", "*"),
    ("*.cloudfront-kvs.global.api.aws", "cloudfront-keyvaluestore", "*"),
    ("*.control-kinesis.us-east-1.amazonaws.com", "kinesis", None),
    ("*.data-kinesis.us-east-1.amazonaws.com", "kinesis", None),
    ("*.ddb.us-east-1.amazonaws.com", "dynamodb", None),
    ("*.*.endpoint.events.amazonaws.com", "events", "*"),
    ("*.*.endpoints.email.amazonaws.com", "ses", "*"),
    ("*.s3.amazonaws.com", "s3", "?"),
    ("*.s3-accelerate.amazonaws.com", "s3", "?"),
    ("*.s3-accelerate.dualstack.amazonaws.com", "s3", "?"),
    ("*.s3-accesspoint.us-east-1.amazonaws.com", "s3", None),
    ("*.s3express-*.us-east-1.amazonaws.com", "s3express", None),
    ("*.search-ddb.us-east-1.amazonaws.com", "dynamodb", None),
]

# A suffix of resource hosts that no partition names, and its global region.
RESOURCE_SUFFIXES = {"on.aws": "us-east-1"}

# Endpoint rules answer for every region, sensible or not: service, and what to leave out of it.
LEFT_OUT = [
    # Location's successors sign the same hosts for another service. infer.rs looks at the path.
    ("location", re.compile(r"^(maps|places|routes)\.")),
    # Outside the first partition the rules give the global region of the first.
    ("importexport", re.compile(r"^(?!.*\.(amazonaws\.com|api\.aws)$)|us-gov")),
]


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--check", action="store_true", help="do not write; exit 1 on changes")
    arguments.add_argument("--all", metavar="FILE", help="write all hosts there, tab-separated")
    options = arguments.parse_args()

    source = Botocore()
    rules = Rules(source.partitions)
    truth = all_hosts(source, rules)
    rules.learn_suffixes(truth)
    rows = table_rows(truth, rules)

    failures = 0
    for host, wanted in truth.items():
        if (found := rules.infer(host, rows)) != wanted:
            print(f"not expressible: {host} is {wanted}, found {found}", file=sys.stderr)
            failures += 1
    if options.all:
        lines = (f"{host}\t{name}\t{region}\n" for host, (name, region) in sorted(truth.items()))
        pathlib.Path(options.all).write_text("".join(lines))

    text = render(rules, rows)
    changed = report(TABLE.read_text() if TABLE.exists() else "", text)
    summary = f"{len(truth)} hosts, {len(rows)} rows, {failures} failures"
    print(f"botocore {botocore.__version__}: {summary}")
    if failures:
        return 1
    if options.check:
        return int(changed)
    TABLE.write_text(text)
    return 0


# Truth: what botocore says


class Botocore:
    """What is read from botocore's data files."""

    def __init__(self):
        self.loader = botocore.loaders.create_loader()
        self.partitions = self.loader.load_data("partitions")
        self.endpoints = self.loader.load_data("endpoints")
        self.services = self.loader.list_available_services("service-2")

    def regions(self):
        """Every region, pseudo-regions like aws-global included, and its global region."""
        for partition in self.partitions["partitions"]:
            for region in partition["regions"]:
                yield region, partition["outputs"]["implicitGlobalRegion"]

    def model(self, service):
        return self.loader.load_service_model(service, "service-2")

    def endpoint_rules(self, service):
        rules = self.loader.load_service_model(service, "endpoint-rule-set-1")
        provider = botocore.endpoint_provider.EndpointProvider(rules, self.partitions)
        return provider, rules["parameters"]


def all_hosts(source, rules):
    """Host -> (signing name, region). The most exact source that knows a host decides."""
    plain, of_operations, prefixed = {}, {}, {}
    names = collections.defaultdict(set)
    for service in source.services:
        model = source.model(service)
        for alias in model["metadata"]["endpointPrefix"], signing_name(model).lower():
            names[alias].add(signing_name(model))
        if model["metadata"]["signatureVersion"] == "bearer":
            continue
        prefixes = {(): set()}  # context -> what its operations put before the host
        for operation in model["operations"].values():
            prefix = operation.get("endpoint", {}).get("hostPrefix", "")
            prefixes.setdefault(static_context(operation), set()).add(prefix)
        for context, host, wanted in service_hosts(source, service, model, prefixes):
            (of_operations if context else plain).setdefault(host, wanted)
            for prefix in prefixes[context] - {""}:
                longer = re.sub(r"\{\w+\}", "*", prefix) + host
                if not left_out(service, longer):
                    prefixed.setdefault(longer, wanted)

    truth = {}
    legacy = dict(legacy_hosts(source, names))
    for layer in plain, of_operations, prefixed, legacy, dict(resource_hosts(rules)):
        for host, wanted in layer.items():
            truth.setdefault(host, wanted)
    return truth


def signing_name(model):
    return model["metadata"].get("signingName", model["metadata"]["endpointPrefix"])


def static_context(operation):
    """The endpoint parameters that an operation always has, in a form that goes into a set."""
    parameters = operation.get("staticContextParams", {})
    values = {name: it["value"] for name, it in parameters.items()}
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in sorted(values.items())
    )


def left_out(service, host):
    return any(service == name and pattern.search(host) for name, pattern in LEFT_OUT)


def service_hosts(source, service, model, contexts):
    """Yields (context, host, (name, region))."""
    provider, parameters = source.endpoint_rules(service)
    both = (False, True)
    for (region, global_region), fips, dual in itertools.product(source.regions(), both, both):
        builtin = {"AWS::Region": region, "AWS::UseFIPS": fips, "AWS::UseDualStack": dual}
        known = {
            name: builtin[it["builtIn"]]
            for name, it in parameters.items()
            if it.get("builtIn") in builtin
        }
        for context in contexts:
            try:
                endpoint = provider.resolve_endpoint(**known, **dict(context))
            except botocore.exceptions.EndpointProviderError:
                continue  # the rules say that there is no such endpoint
            host = urllib.parse.urlsplit(endpoint.url).hostname
            pseudo = region.endswith("-global")
            if pseudo and region in host:
                continue  # a pseudo-region spelled out: no such host
            if "us-gov" in region and "us-gov" not in host:
                continue  # a host of the first partition, which shares its suffixes with GovCloud
            wanted = signing(endpoint, model, global_region if pseudo else region)
            if wanted and not left_out(service, host):
                yield context, host, wanted


def signing(endpoint, model, region):
    """Name and region by the SigV4 scheme, or SigV4a if there is no other; None if neither."""
    default = [{"name": "sigv4"}]
    schemes = {it["name"]: it for it in endpoint.properties.get("authSchemes", default)}
    for kind in "sigv4", "sigv4-s3express", "sigv4a":
        if scheme := schemes.get(kind):
            region = "*" if kind == "sigv4a" else scheme.get("signingRegion", region)
            return scheme.get("signingName", signing_name(model)), region
    return None


def legacy_hosts(source, names):
    """Yields (host, (name, region)) from endpoints.json, the older description of endpoints."""
    for partition in source.endpoints["partitions"]:
        for prefix, service in partition["services"].items():
            for key, endpoint in service["endpoints"].items():
                for form in endpoint, *endpoint.get("variants", ()):
                    defaults = {**partition["defaults"], **service.get("defaults", {})}
                    it = {**defaults, **endpoint, **form}
                    scope = it.get("credentialScope", {})
                    known = {scope["service"]} if "service" in scope else names[prefix]
                    region = scope.get("region", key)
                    if len(known) != 1 or region not in partition["regions"] or key == "local":
                        continue
                    suffix = it.get("dnsSuffix", partition["dnsSuffix"])
                    for host in it["hostname"], it.get("sslCommonName"):
                        if not host or host.startswith("*"):
                            continue
                        if key in partition["regions"] or "{region}" not in host:
                            host = host.format(service=prefix, region=key, dnsSuffix=suffix)
                            yield host, (*known, region)


def resource_hosts(rules):
    for host, name, region in RESOURCE_HOSTS:
        yield host, (name, region or rules.read(host).region)


# The rules of infer.rs

Reading = collections.namedtuple("Reading", "labels region global_region service")


class Rules:
    def __init__(self, partitions):
        self.suffixes = {}  # suffix -> (global region, its only service or None)
        self.global_regions = {}
        for partition in partitions["partitions"]:
            outputs = partition["outputs"]
            global_region = outputs["implicitGlobalRegion"]
            for suffix in outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]:
                # GovCloud shares the suffixes of the first partition; its hosts say us-gov.
                self.suffixes.setdefault(suffix, (global_region, None))
            for region in partition["regions"]:
                self.global_regions[region] = global_region
        for suffix, region in RESOURCE_SUFFIXES.items():
            self.suffixes.setdefault(suffix, (region, None))

        regions = [region for region in self.global_regions if not region.endswith("-global")]
        self.areas = sorted({region.split("-")[0] for region in regions})
        self.region = rf"(?:{'|'.join(self.areas)})(?:-[a-z]+)+-\d+"

    def learn_suffixes(self, truth):
        """A host outside the known suffixes is one service's own: REGION.signin.aws.amazon.com."""
        for host, (name, region) in truth.items():
            if self.suffix(host) is None and host.startswith(region + "."):
                rest = host.removeprefix(region + ".")
                self.suffixes[rest] = (self.global_regions[region], name)

    def suffix(self, host):
        matching = [
            it
            for it, (_, service) in self.suffixes.items()
            if host.endswith("." + it) or service and host == it
        ]
        return max(matching, key=len, default=None)

    def read(self, host):
        """Rules 1 to 5."""
        suffix = self.suffix(host)
        if suffix is None:
            return None
        global_region, service = self.suffixes[suffix]
        labels = host[: -len(suffix)].split(".")[:-1]
        us_gov = labels[-1:] == ["us-gov"]
        if us_gov:
            labels.pop()
        region = self.take_region(labels)
        if us_gov or (region or "").startswith("us-gov"):
            global_region = "us-gov-west-1"
        labels = [re.sub(r"^fips-|-fips$", "", it).replace("-fips-", "-") for it in labels]
        labels = [it for it in labels if it not in ("dualstack", "global", "fips", "vpce")]
        return Reading(labels, region, global_region, service)

    def take_region(self, labels):
        for back in (1, 2)[: len(labels)]:
            if back == 2 and re.match("s3|dualstack$", labels[-1]):
                break
            if found := re.fullmatch(f"(?:fips-)?({self.region})(?:-fips)?", labels[-back]):
                del labels[-back]
                return found[1]
        if labels and (found := re.fullmatch(f"(.*)({self.region})", labels[-1])):
            labels[-1] = found[1].rstrip("-")
            return found[2]
        return None

    def infer(self, host, rows):
        """Rule 6: (name, region)."""
        reading = self.read(host)
        if reading is None:
            return None
        name, flag = reading.service, ""
        if name is None:
            name, flag = look_up(reading.labels, rows) or (reading.labels[-1], "")
        return name, region_by(flag, reading)


def look_up(labels, rows):
    """The row of the most specific key: more labels before fewer, exact before wildcard."""
    for count in range(len(labels), 0, -1):
        end = labels[-count:]
        for key in ".".join(end), ".".join(["*", *end[1:]]):
            if key in rows:
                return rows[key]
    for key, row in rows.items():
        if key.endswith("*") and labels[-1].startswith(key[:-1]):
            return row
    return None


FLAGS = ["", "G", "N", "R", "A"]


def region_by(flag, reading):
    if flag == "A":
        return "*"
    if flag == "G":
        return reading.global_region
    if reading.region is not None:
        return reading.region
    if flag == "R" or reading.labels[-1:] == ["s3"] and len(reading.labels) > 1:
        return "?"
    if flag == "N" and reading.global_region.startswith("cn-"):
        return "cn-north-1"
    return reading.global_region


# From truth and rules to rows


def table_rows(truth, rules):
    """Key -> (name, flag), for what the rules alone get wrong."""
    by_last = collections.defaultdict(list)
    for host, (name, region) in truth.items():
        reading = rules.read(host)
        if reading and reading.service is None:
            fitting = {(name, flag) for flag in FLAGS if region_by(flag, reading) == region}
            by_last[reading.labels[-1]].append((reading.labels, fitting))

    rows = {}
    for last, hosts in sorted(by_last.items()):
        add_rows(rows, [last], hosts, (last, ""))
    for wildcard in [key for key in rows if key.endswith("*")]:
        for key in [key for key in rows if key.startswith(wildcard[:-1]) and key != wildcard]:
            if rows[key] == rows[wildcard] and "." not in key:
                del rows[key]
    return rows


def add_rows(rows, end, hosts, inherited):
    """Adds the rows for `hosts`, which all end in the labels `end` and so far get `inherited`."""
    if inherited in (fitting := common(hosts)):
        return
    if fitting:
        rows[".".join(end)] = simplest(fitting)
        return
    result = inherited
    fitting = common([it for it in hosts if len(it[0]) == len(end)])
    if fitting and inherited not in fitting:
        result = rows[".".join(end)] = simplest(fitting)
    longer = collections.defaultdict(list)
    for labels, fitting in hosts:
        if len(labels) > len(end):
            longer[labels[-len(end) - 1]].append((labels, fitting))
    if "*" in longer:
        key = ["*", *end]
        add_rows(rows, key, longer.pop("*"), result)
        result = rows.get(".".join(key), result)
    for label, group in sorted(longer.items()):
        add_rows(rows, [label, *end], group, result)


def common(hosts):
    """The (name, flag) pairs that are right for all `hosts`."""
    return set.intersection(*(fitting for _, fitting in hosts)) if hosts else set()


def simplest(fitting):
    return min(fitting, key=lambda target: FLAGS.index(target[1]))


# The file


def render(rules, rows):
    services = collections.defaultdict(list)
    for key, (name, flag) in rows.items():
        services[f"{name}!{flag}" if flag else name].append(key)
    suffixes = sorted(rules.suffixes.items(), key=lambda it: (it[1][1] or "", it))
    lines = [
        "# Generated by scripts/make-hosts.py; infer.rs tells what the lines mean.",
        f"# botocore {botocore.__version__}, {len(rows)} keys",
        "@" + ",".join(rules.areas),
        *(" ".join(filter(None, ("." + suffix, *of))) for suffix, of in suffixes),
        *(f"{service}={','.join(sorted(keys))}" for service, keys in sorted(services.items())),
    ]
    return "\n".join(lines) + "\n"


def report(old, new):
    """Prints what was added and removed, and returns whether anything was."""
    before, after = set(entries(old)), set(entries(new))
    for mark, lines in ("-", before - after), ("+", after - before):
        for line in sorted(lines):
            print(mark, line)
    return before != after


def entries(text):
    for line in text.splitlines():
        service, is_row, keys = line.partition("=")
        if is_row and not line.startswith("#"):
            yield from (f"{key} = {service}" for key in keys.split(","))
        elif not line.startswith("#"):
            yield line


if __name__ == "__main__":
    sys.exit(main())
