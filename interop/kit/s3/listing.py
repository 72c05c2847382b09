"""What is in a list of objects."""

import xml.etree.ElementTree


def keys(answer):
    return texts(answer, "Contents", "Key")


def prefixes(answer):
    return texts(answer, "CommonPrefixes", "Prefix")


def texts(answer, element, child):
    """The texts of the `child` of each `element`, in their order."""
    try:
        root = xml.etree.ElementTree.fromstring(answer.body)
    except xml.etree.ElementTree.ParseError:
        return ["not a list"]
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    return [it.findtext(f"{space}{child}") or "" for it in root.iter(f"{space}{element}")]
