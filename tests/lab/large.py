"""Answers for a large account, computed instead of stored: moto takes minutes to create 5,000 network interfaces.

Each service uses the connector of one VPC, with all subnets of this VPC. The other calls go to moto.
"""

import json
import urllib.parse

PAGE = 1000
ACCOUNT, REGION = "123456789012", "us-west-2"


class TooManyValues(Exception):
    """EC2 allows 200 values of a filter."""


def xml(value):
    if isinstance(value, dict):
        return "".join(f"<{name}>{xml(inner)}</{name}>" for name, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<item>{xml(inner)}</item>" for inner in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


class Large:
    def __init__(self, services, vpcs, subnets, groups, interfaces, tables):
        self.services, self.vpcs, self.counts = services, vpcs, {
            "subnets": subnets, "groups": groups, "interfaces": interfaces, "tables": tables}

    @staticmethod
    def identifier(kind, number):
        return f"{kind}-{number:017x}"

    def vpc(self, number):
        return self.identifier("vpc", number % self.vpcs)

    def numbers(self, kind, vpc=None):
        numbers = range(self.counts[kind])
        return numbers if vpc is None else [number for number in numbers if number % self.vpcs == vpc]

    def connector(self, vpc):
        return f"arn:aws:apprunner:{REGION}:{ACCOUNT}:vpcconnector/connector-{vpc:03}/1/{vpc:032x}"

    def service(self, number):
        name = f"bond-{number:03}"
        return {"ServiceName": name, "ServiceId": f"{number:032x}", "Status": "RUNNING",
                "ServiceArn": f"arn:aws:apprunner:{REGION}:{ACCOUNT}:service/{name}/{number:032x}"}

    def apprunner(self, operation, question):
        if operation == "DescribeService":
            number = int(question["ServiceArn"].rsplit("/", 1)[1], 16)
            variables = {"SECRETS_ENDPOINT_URL": f"https://secretsmanager.{REGION}.amazonaws.com"}
            return {"Service": {
                **self.service(number), "CreatedAt": 0, "UpdatedAt": 0,
                "NetworkConfiguration": {"EgressConfiguration": {
                    "EgressType": "VPC", "VpcConnectorArn": self.connector(number % self.vpcs)},
                    "IngressConfiguration": {"IsPubliclyAccessible": True}},
                "InstanceConfiguration": {}, "AutoScalingConfigurationSummary": {},
                "SourceConfiguration": {"ImageRepository": {
                    "ImageIdentifier": "public.ecr.aws/aws-containers/hello-app-runner:latest",
                    "ImageRepositoryType": "ECR_PUBLIC",
                    "ImageConfiguration": {"RuntimeEnvironmentVariables": variables}}}}}
        start, key, size = int(question.get("NextToken") or 0), "ServiceSummaryList", 20
        items = [self.service(number) for number in range(self.services)]
        if operation == "ListVpcConnectors":
            key = "VpcConnectors"
            items = [{"VpcConnectorName": f"connector-{vpc:03}", "VpcConnectorArn": self.connector(vpc),
                      "VpcConnectorRevision": 1, "Status": "ACTIVE", "CreatedAt": 0,
                      "Subnets": [self.identifier("subnet", number) for number in self.numbers("subnets", vpc)],
                      "SecurityGroups": [self.identifier("sg", vpc)]} for vpc in range(self.vpcs)]
        more = {"NextToken": str(start + size)} if start + size < len(items) else {}
        return {key: items[start:start + size], **more}

    def subnet(self, number):
        return {"subnetId": self.identifier("subnet", number), "vpcId": self.vpc(number), "ownerId": ACCOUNT,
                "availabilityZone": f"{REGION}{'abc'[number // self.vpcs % 3]}", "state": "available",
                "cidrBlock": f"10.{number % self.vpcs}.{number // self.vpcs}.0/24", "availableIpAddressCount": 200,
                "mapPublicIpOnLaunch": False}

    def table(self, number):
        place = number // self.vpcs
        own = [subnet for subnet in self.numbers("subnets", number % self.vpcs)]
        tables = max(len(self.numbers("tables", number % self.vpcs)), 1)
        association = [{"main": True}] if place == 0 else [
            {"main": False, "subnetId": self.identifier("subnet", subnet)}
            for index, subnet in enumerate(own) if index % tables == place]
        local = {"destinationCidrBlock": f"10.{number % self.vpcs}.0.0/16", "gatewayId": "local", "state": "active",
                 "origin": "CreateRouteTable"}
        return {"routeTableId": self.identifier("rtb", number), "vpcId": self.vpc(number), "routeSet": [local],
                "associationSet": association}

    def group(self, number):
        allow = {"ipProtocol": "-1", "ipRanges": [{"cidrIp": "0.0.0.0/0"}]}
        return {"groupId": self.identifier("sg", number), "groupName": f"group-{number}", "vpcId": self.vpc(number),
                "ownerId": ACCOUNT, "ipPermissions": [], "ipPermissionsEgress": [allow]}

    def interface(self, number):
        subnets = self.counts["subnets"]
        subnet = number % subnets
        address = f"10.{subnet % self.vpcs}.{subnet // self.vpcs}.{4 + number // subnets % 250}"
        return {"networkInterfaceId": self.identifier("eni", number), "subnetId": self.identifier("subnet", subnet),
                "vpcId": self.vpc(subnet), "status": "in-use", "interfaceType": "interface", "description": "task",
                "sourceDestCheck": True, "groupSet": [{"groupId": self.identifier("sg", subnet % self.vpcs)}],
                "privateIpAddressesSet": [{"privateIpAddress": address, "primary": True}]}

    def acl(self, vpc):
        entry = {"ruleNumber": 100, "protocol": "-1", "ruleAction": "allow", "cidrBlock": "0.0.0.0/0"}
        return {"networkAclId": self.identifier("acl", vpc), "vpcId": self.identifier("vpc", vpc), "default": True,
                "entrySet": [{**entry, "egress": False}, {**entry, "egress": True}],
                "associationSet": [{"subnetId": self.identifier("subnet", number)}
                                   for number in self.numbers("subnets", vpc)]}

    def ec2(self, operation, form):
        """The answer of EC2; `None` if moto answers."""
        lists = {
            "DescribeVpcs": ("vpcSet", lambda: [
                {"vpcId": self.vpc(vpc), "cidrBlock": f"10.{vpc}.0.0/16", "dhcpOptionsId": "default",
                 "cidrBlockAssociationSet": [{"cidrBlock": f"10.{vpc}.0.0/16",
                                              "cidrBlockState": {"state": "associated"}}]}
                for vpc in range(self.vpcs)]),
            "DescribeSubnets": ("subnetSet", lambda: [self.subnet(number) for number in self.numbers("subnets")]),
            "DescribeRouteTables": ("routeTableSet", lambda: [self.table(number) for number in self.numbers("tables")]),
            "DescribeSecurityGroups": (
                "securityGroupInfo", lambda: [self.group(number) for number in self.numbers("groups")]),
            "DescribeNetworkInterfaces": (
                "networkInterfaceSet", lambda: [self.interface(number) for number in self.numbers("interfaces")]),
            "DescribeNetworkAcls": ("networkAclSet", lambda: [self.acl(vpc) for vpc in range(self.vpcs)]),
            "DescribeNatGateways": ("natGatewaySet", list),
            "DescribeInternetGateways": ("internetGatewaySet", list),
            "DescribeVpcEndpoints": ("vpcEndpointSet", list),
        }
        if operation == "DescribeVpcAttribute":
            name = form["Attribute"][0]
            return self.envelope(operation, {"vpcId": form["VpcId"][0], name: {"value": name == "enableDnsSupport"}})
        if operation not in lists:
            return None
        key, items = lists[operation]
        wanted = {}
        for name in form:
            if name.startswith("Filter.") and name.endswith(".Name"):
                values = [form[other][0] for other in form if other.startswith(name[:-4] + "Value.")]
                wanted[form[name][0]] = set(values)
        if sum(len(values) for values in wanted.values()) > 200:
            raise TooManyValues
        fields = {"vpc-id": "vpcId", "subnet-id": "subnetId"}
        found = [item for item in items()
                 if all(item.get(fields.get(name, name)) in values for name, values in wanted.items())]
        start, size = int((form.get("NextToken") or ["0"])[0]), int((form.get("MaxResults") or [PAGE])[0])
        answer = {key: found[start:start + size]}
        if start + size < len(found):
            answer["nextToken"] = start + size
        return self.envelope(operation, answer)

    @staticmethod
    def envelope(operation, answer):
        start = f"<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>lab</requestId>"
        return (start + xml(answer) + f"</{operation}Response>").encode()

    def answer(self, operation, is_json, body):
        """Status, content type and body; `None` if moto or the emulator answers."""
        if is_json:
            if operation not in ("ListServices", "DescribeService", "ListVpcConnectors"):
                return None
            return 200, "application/x-amz-json-1.0", json.dumps(self.apprunner(operation, json.loads(body))).encode()
        try:
            text = self.ec2(operation, urllib.parse.parse_qs(body.decode()))
        except TooManyValues:
            text = (b"<Response><Errors><Error><Code>FilterLimitExceeded</Code><Message>The maximum number of filter "
                    b"values specified on a single call is 200</Message></Error></Errors></Response>")
            return 400, "text/xml", text
        return None if text is None else (200, "text/xml", text)
