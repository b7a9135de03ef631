"""Adds other accounts and Regions to the account of account.py, and writes AWS profiles for them.

Usage: accounts.py ENDPOINT HOME peered|shared|central (with the interpreter of the lab's virtual environment).

- peered: a VPC of account 210987654321, and one of the service's account in eu-west-1, are peered with the VPC of the service. Each
  has a network interface whose security group allows nothing.
- shared: the service `bond-shared` uses a VPC of account 210987654321, which shares it. The service's account sees the VPC, its
  subnets and its security groups, and nothing else.
- central: as shared, and the default route of that VPC leads to a transit gateway of account 210987654321, to an egress VPC of the same
  account with a NAT gateway.

Profiles: `service`, `network` (the other account), `twin` (the service's account again), `empty` (without credentials).
"""

import json
import sys
import urllib.request
from pathlib import Path

import boto3

endpoint, home, kind = sys.argv[1:]
OTHER, REGION, FAR = "210987654321", "us-west-2", "eu-west-1"
own = {"aws_access_key_id": "lab", "aws_secret_access_key": "lab"}


def client(service, region=REGION, keys=None):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, **(keys or own))


role = client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/network", RoleSessionName="lab")["Credentials"]
other = {"aws_access_key_id": role["AccessKeyId"], "aws_secret_access_key": role["SecretAccessKey"],
         "aws_session_token": role["SessionToken"]}
profiles = {"service": own, "network": other, "twin": own, "empty": {}}
folder = Path(home) / ".aws"
folder.mkdir(exist_ok=True)
text = [f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()) for name, keys in profiles.items()]
(folder / "credentials").write_text("\n".join(text), encoding="utf-8")


def network(ec2, block, zone):
    """A VPC with one subnet, a route table and a security group that allows nothing inbound."""
    vpc = ec2.create_vpc(CidrBlock=f"{block}.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"{block}.1.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(GroupName="database", Description="database", VpcId=vpc)["GroupId"]
    return vpc, subnet, table, group


def peer(ec2, region, account, block):
    """Peers a new VPC with the VPC of the service."""
    vpc, subnet, table, group = network(ec2, block, f"{region}a")
    ec2.create_network_interface(SubnetId=subnet, Groups=[group], PrivateIpAddress=f"{block}.1.10", Description="RDSNetworkInterface")
    here = client("ec2")
    mine = here.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.40.0.0/16"]}])["Vpcs"][0]["VpcId"]
    peering = here.create_vpc_peering_connection(VpcId=mine, PeerVpcId=vpc, PeerOwnerId=account, PeerRegion=region)
    peering = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.40.0.0/16", VpcPeeringConnectionId=peering)
    for own_table in here.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [mine]}])["RouteTables"]:
        here.create_route(RouteTableId=own_table["RouteTableId"], DestinationCidrBlock=f"{block}.0.0/16",
                          VpcPeeringConnectionId=peering)
    return {"vpc": vpc, "group": group, "peering": peering}


def share():
    """The service `bond-shared` in a VPC of the other account."""
    ec2, apprunner = client("ec2", keys=other), client("apprunner")
    vpc, subnet, _, group = network(ec2, "10.70", f"{REGION}a")
    connector = apprunner.create_vpc_connector(VpcConnectorName="shared", Subnets=[subnet], SecurityGroups=[group])
    egress = {"EgressType": "VPC", "VpcConnectorArn": connector["VpcConnector"]["VpcConnectorArn"]}
    image = {"ImageIdentifier": "public.ecr.aws/aws-containers/hello-app-runner:latest", "ImageRepositoryType": "ECR_PUBLIC"}
    apprunner.create_service(ServiceName="bond-shared", SourceConfiguration={"ImageRepository": image},
                             NetworkConfiguration={"EgressConfiguration": egress})
    visible = "DescribeVpcs|DescribeVpcAttribute|DescribeSubnets|DescribeSecurityGroups"
    share = {"participant": "lab", "owner": other["aws_access_key_id"], "operations": visible}
    urllib.request.urlopen(f"{endpoint}/lab/share", json.dumps(share).encode()).read()
    return {"vpc": vpc, "group": group}


def central(vpc):
    """An egress VPC behind a transit gateway."""
    ec2 = client("ec2", keys=other)
    gateway = ec2.create_transit_gateway()["TransitGateway"]
    gateway, table = gateway["TransitGatewayId"], gateway["Options"]["AssociationDefaultRouteTableId"]
    egress, inside, inside_table, _ = network(ec2, "10.99", f"{REGION}a")
    public = ec2.create_subnet(VpcId=egress, CidrBlock="10.99.2.0/24", AvailabilityZone=f"{REGION}a")["Subnet"]["SubnetId"]
    public_table = ec2.create_route_table(VpcId=egress)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=public_table, SubnetId=public)
    internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=egress)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    ec2.create_route(RouteTableId=inside_table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    ec2.create_route(RouteTableId=public_table, DestinationCidrBlock="0.0.0.0/0", GatewayId=internet)
    ec2.create_route(RouteTableId=public_table, DestinationCidrBlock="10.70.0.0/16", TransitGatewayId=gateway)
    attachments = []
    for attached, cidr, block in ((vpc, "10.70.9.0/28", "10.70.0.0/16"), (egress, None, "0.0.0.0/0")):
        subnet = inside
        if cidr:
            subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{REGION}a")["Subnet"]["SubnetId"]
        made = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=attached, SubnetIds=[subnet])
        attachments.append(made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"])
        ec2.create_transit_gateway_route(DestinationCidrBlock=block, TransitGatewayRouteTableId=table,
                                         TransitGatewayAttachmentId=attachments[-1])
    for own in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]:
        ec2.create_route(RouteTableId=own["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", TransitGatewayId=gateway)
    return {"gateway": gateway, "table": table, "egress": egress, "nat": nat, "attachments": attachments}


if kind == "peered":
    made = {"other": peer(client("ec2", keys=other), REGION, OTHER, "10.50"),
            "far": peer(client("ec2", FAR), FAR, "123456789012", "10.60")}
elif kind == "central":
    made = share()
    made |= central(made["vpc"])
else:
    made = share()
print(json.dumps(made))
