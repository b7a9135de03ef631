"""Corrects responses of moto that differ from AWS and affect a verdict."""

import ipaddress
import zlib
from xml.etree import ElementTree


def items(root, path):
    """The elements at the path, in any XML namespace."""
    return root.iterfind("/".join(f"{{*}}{name}" for name in path.split("/")))


def paged(answer, start, size):
    """One page of an EC2 list, in the format of AWS."""
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


# The last value of PrivateDnsEnabled by endpoint: moto does not save it.
private_dns = {}
# The attachment of each route of a transit gateway, by route table and destination: moto returns routes without them.
transit_routes = {}


def correct(operation, form, answer, ask):
    """The corrected response. `ask` sends another EC2 request to moto and returns its response body."""
    if operation == "ModifyVpcEndpoint" and "PrivateDnsEnabled" in form:
        private_dns[form["VpcEndpointId"][0]] = form["PrivateDnsEnabled"][0]
    if operation == "CreateTransitGatewayRoute" and "TransitGatewayAttachmentId" in form:
        place = form["TransitGatewayRouteTableId"][0], form["DestinationCidrBlock"][0]
        transit_routes[place] = form["TransitGatewayAttachmentId"][0]
    if operation == "SearchTransitGatewayRoutes":
        root = ElementTree.fromstring(answer)
        ElementTree.register_namespace("", root.tag[1:].split("}")[0])
        route_attachments(root, form["TransitGatewayRouteTableId"][0])
        return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    correction = {"DescribeNetworkInterfaces": addresses, "DescribeRouteTables": endpoint_routes,
           "DescribeNetworkAcls": ipv6_rules, "DescribeSubnets": ipv6_states, "DescribeVpcEndpoints": switches}.get(operation)
    if correction is None:
        return answer
    root = ElementTree.fromstring(answer)
    ElementTree.register_namespace("", root.tag[1:].split("}")[0])
    correction(root, lambda action: ElementTree.fromstring(ask(action)))
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def addresses(root, ask):
    """Replaces the random addresses of endpoints and NAT gateways with addresses of their subnets. The network interface of a
    database is in use: moto attaches none to a database."""
    ranges = {
        item.findtext("{*}subnetId"): ipaddress.ip_network(item.findtext("{*}cidrBlock"))
        for item in items(ask("DescribeSubnets"), "subnetSet/item")
    }
    for item in items(root, "networkInterfaceSet/item"):
        if item.findtext("{*}description") == "RDSNetworkInterface":
            item.find("{*}status").text = "in-use"
        subnet, old = ranges.get(item.findtext("{*}subnetId")), item.findtext("{*}privateIpAddress")
        if subnet is None or not old or ipaddress.ip_address(old) in subnet:
            continue
        # AWS reserves the first four addresses and the last address of a subnet.
        identity = item.findtext("{*}networkInterfaceId").encode()
        new = str(subnet[4 + zlib.crc32(identity) % (subnet.num_addresses - 5)])
        for field in item.iter():
            if field.text == old:
                field.text = new


def endpoint_routes(root, ask):
    """Adds the routes that moto omits if a route table was associated with an existing gateway endpoint, and the state of routes to
    internet gateways."""
    lists = {item.findtext("{*}prefixListName"): item.findtext("{*}prefixListId")
             for item in items(ask("DescribePrefixLists"), "prefixListSet/item")}
    endpoints = [
        (item.findtext("{*}vpcEndpointId"), lists.get(item.findtext("{*}serviceName")),
         {table.text for table in items(item, "routeTableIdSet/item")})
        for item in items(ask("DescribeVpcEndpoints"), "vpcEndpointSet/item")
        if item.findtext("{*}vpcEndpointType") == "Gateway" and item.findtext("{*}state") != "deleted"
    ]
    space = root.tag.split("}")[0] + "}"
    attached = {item.findtext("{*}internetGatewayId") for item in items(ask("DescribeInternetGateways"), "internetGatewaySet/item")
                if any(True for _ in items(item, "attachmentSet/item"))}
    for table in items(root, "routeTableSet/item"):
        routes = table.find("{*}routeSet")
        # A route to an internet gateway that is not attached is a blackhole.
        for route in items(routes, "item"):
            gateway = route.findtext("{*}gatewayId") or ""
            if gateway.startswith("igw-") and gateway not in attached:
                route.find("{*}state").text = "blackhole"
        for endpoint, prefix_list, tables in endpoints:
            known = [route.findtext("{*}gatewayId") for route in items(routes, "item")]
            if prefix_list and table.findtext("{*}routeTableId") in tables and endpoint not in known:
                route = ElementTree.SubElement(routes, space + "item")
                for name, text in (("destinationPrefixListId", prefix_list), ("gatewayId", endpoint),
                                   ("state", "active"), ("origin", "CreateRoute")):
                    ElementTree.SubElement(route, space + name).text = text


def route_attachments(root, table):
    """Adds the attachments of the routes of a transit gateway."""
    space = root.tag.split("}")[0] + "}"
    for route in items(root, "routeSet/item"):
        attachments = route.find("{*}transitGatewayAttachments")
        known = transit_routes.get((table, route.findtext("{*}destinationCidrBlock")))
        if attachments is not None and known and not len(attachments):
            item = ElementTree.SubElement(attachments, space + "item")
            for name, text in (("transitGatewayAttachmentId", known), ("resourceType", "vpc")):
                ElementTree.SubElement(item, space + name).text = text


def switches(root, _):
    """Sets private DNS of each endpoint to the last requested value."""
    for item in items(root, "vpcEndpointSet/item"):
        field = item.find("{*}privateDnsEnabled")
        wanted = private_dns.get(item.findtext("{*}vpcEndpointId"))
        if wanted is not None and field is not None:
            field.text = wanted


def ipv6_states(root, _):
    """The state of the IPv6 range of a subnet as a text: moto writes a structure."""
    for state in items(root, "subnetSet/item/ipv6CidrBlockAssociationSet/item/ipv6CidrBlockState/state"):
        state.clear()
        state.text = "associated"


def ipv6_rules(root, ask):
    """Adds the rules for IPv6 that AWS adds to the default network ACL of a VPC with an IPv6 range."""
    ranges = "ipv6CidrBlockAssociationSet/item/ipv6CidrBlock"
    vpcs = {item.findtext("{*}vpcId") for item in items(ask("DescribeVpcs"), "vpcSet/item")
            if any(field.text for field in items(item, ranges))}
    space = root.tag.split("}")[0] + "}"
    for acl in items(root, "networkAclSet/item"):
        entries = acl.find("{*}entrySet")
        if acl.findtext("{*}default") != "true" or acl.findtext("{*}vpcId") not in vpcs:
            continue
        for egress in ("true", "false"):
            for number, action in (("101", "allow"), ("32768", "deny")):
                entry = ElementTree.SubElement(entries, space + "item")
                for name, text in (("ruleNumber", number), ("protocol", "-1"), ("ruleAction", action),
                                   ("egress", egress), ("ipv6CidrBlock", "::/0")):
                    ElementTree.SubElement(entry, space + name).text = text
