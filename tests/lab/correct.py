"""Sets right what moto answers otherwise than AWS, where a verdict hangs on it.

An interface has its address inside its subnet; moto gives the interfaces of endpoints and NAT gateways random ones.
"""

import ipaddress
import zlib
from xml.etree import ElementTree


def items(root, path):
    """The elements at the path, whatever the namespace."""
    return root.iterfind("/".join(f"{{*}}{name}" for name in path.split("/")))


def paged(answer, start, size):
    """One page of an EC2 list, as AWS pages it."""
    root = ElementTree.fromstring(answer)
    ElementTree.register_namespace("", root.tag[1:].split("}")[0])
    for part in root:
        rows = list(part)
        if part.tag.endswith("Set") or part.tag.endswith("Details"):
            for at, row in enumerate(rows):
                if not start <= at < start + size:
                    part.remove(row)
            if start + size < len(rows):
                token = ElementTree.SubElement(root, root.tag.split("}")[0] + "}nextToken")
                token.text = str(start + size)
            break
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def correct(operation, answer, ask):
    """The answer as AWS would give it. `ask` sends another EC2 request to moto and returns its body."""
    if operation != "DescribeNetworkInterfaces":
        return answer
    root = ElementTree.fromstring(answer)
    ElementTree.register_namespace("", root.tag[1:].split("}")[0])
    ranges = {
        item.findtext("{*}subnetId"): ipaddress.ip_network(item.findtext("{*}cidrBlock"))
        for item in items(ElementTree.fromstring(ask("DescribeSubnets")), "subnetSet/item")
    }
    for item in items(root, "networkInterfaceSet/item"):
        subnet, old = ranges.get(item.findtext("{*}subnetId")), item.findtext("{*}privateIpAddress")
        if subnet is None or not old or ipaddress.ip_address(old) in subnet:
            continue
        # The first four addresses and the last of a subnet are AWS's own.
        identity = item.findtext("{*}networkInterfaceId").encode()
        new = str(subnet[4 + zlib.crc32(identity) % (subnet.num_addresses - 5)])
        for field in item.iter():
            if field.text == old:
                field.text = new
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
