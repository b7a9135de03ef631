"""Gives the subnets of the account that account.py makes a NAT gateway, so that public destinations are reachable.

Usage: nat.py ENDPOINT (with the interpreter of the lab's virtual environment).
"""

import sys

import boto3

ec2 = boto3.client("ec2", endpoint_url=sys.argv[1], region_name="us-west-2", aws_access_key_id="lab", aws_secret_access_key="lab")
by = lambda name, value: {"Filters": [{"Name": name, "Values": [value]}]}
vpc = ec2.describe_vpcs(**by("cidr", "10.40.0.0/16"))["Vpcs"][0]["VpcId"]
private = [table["RouteTableId"] for table in ec2.describe_route_tables(**by("vpc-id", vpc))["RouteTables"]]
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.9.0/24", AvailabilityZone="us-west-2a")["Subnet"]["SubnetId"]
public = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
ec2.associate_route_table(RouteTableId=public, SubnetId=subnet)
ec2.create_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
address = ec2.allocate_address(Domain="vpc")["AllocationId"]
nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
for table in private:
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
