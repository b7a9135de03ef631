"""Creates the resources of the scenario `isolated` with API calls, because that is faster than Terraform.

Usage: account.py ENDPOINT [NUMBER OF SERVICES] (with the interpreter of the lab's virtual environment).
"""

import sys
import time

import boto3

options = {"endpoint_url": sys.argv[1], "region_name": "us-west-2", "aws_access_key_id": "lab",
           "aws_secret_access_key": "lab"}
ec2, apprunner = boto3.client("ec2", **options), boto3.client("apprunner", **options)

vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.40.{number}.0/24", AvailabilityZone=f"us-west-2{zone}")["Subnet"]["SubnetId"]
    for number, zone in enumerate("abc", 1)
]
table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
for subnet in subnets[:2]:
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
group = ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
boto3.client("route53", **options).create_hosted_zone(
    Name="corp.example.net", VPC={"VPCRegion": "us-west-2", "VPCId": vpc}, CallerReference="account",
    HostedZoneConfig={"PrivateZone": True})
connector = apprunner.create_vpc_connector(VpcConnectorName="bond-connector", Subnets=subnets, SecurityGroups=[group])
variables = {"SECRETS_ENDPOINT_URL": "https://secretsmanager.us-west-2.amazonaws.com",
             "DATABASE_URL": "postgres://bond:p4ssw0rd@db.example.com:5432/bond", "API_TOKEN": "t0p-s3cr3t"}
egress = {"EgressType": "VPC", "VpcConnectorArn": connector["VpcConnector"]["VpcConnectorArn"]}
for number in range(int(sys.argv[2]) if len(sys.argv) > 2 else 25):
    service = apprunner.create_service(
        ServiceName=f"bond-{number:02}",
        SourceConfiguration={"ImageRepository": {
            "ImageIdentifier": "public.ecr.aws/aws-containers/hello-app-runner:latest",
            "ImageRepositoryType": "ECR_PUBLIC",
            "ImageConfiguration": {"RuntimeEnvironmentVariables": variables},
        }},
        NetworkConfiguration={"EgressConfiguration": egress},
    )
# The tests expect services that run. The last one is ready last.
while apprunner.describe_service(ServiceArn=service["Service"]["ServiceArn"])["Service"]["Status"] != "RUNNING":
    time.sleep(0.1)
