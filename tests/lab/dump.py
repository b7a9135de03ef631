"""Saves the account as the files of the AWS CLI that `--aws-json` reads, one folder for each service.

Usage: dump.py ENDPOINT FOLDER SERVICE...
"""

import json
import pathlib
import sys
import time

import boto3

endpoint, folder, services = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
options = {"endpoint_url": endpoint, "region_name": "us-west-2", "aws_access_key_id": "lab", "aws_secret_access_key": "lab"}
ec2, apprunner = boto3.client("ec2", **options), boto3.client("apprunner", **options)

CALLS = ["vpcs", "subnets", "route_tables", "security_groups", "network_acls", "vpc_endpoints", "vpc_endpoint_services",
         "nat_gateways", "internet_gateways", "egress_only_internet_gateways", "network_interfaces", "prefix_lists"]
files = {}
for call in CALLS:
    answer = getattr(ec2, f"describe_{call}")()
    answer.pop("ResponseMetadata")
    files[f"describe-{call.replace('_', '-')}.json"] = answer
lists = [one["PrefixListId"] for one in files["describe-prefix-lists.json"]["PrefixLists"]]
entries = {one: ec2.get_managed_prefix_list_entries(PrefixListId=one)["Entries"] for one in lists}
files["prefix-list-entries.json"] = {
    "PrefixListEntries": [{"PrefixListId": one, "Entries": entries[one]} for one in lists]}
files["list-vpc-connectors.json"] = apprunner.list_vpc_connectors()
attributes = {vpc["VpcId"]: {} for vpc in files["describe-vpcs.json"]["Vpcs"]}
for vpc in attributes:
    for attribute in ["enableDnsSupport", "enableDnsHostnames"]:
        attributes[vpc][attribute] = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)

connectors = {one["VpcConnectorArn"]: one for one in files["list-vpc-connectors.json"]["VpcConnectors"]}
subnets = {one["SubnetId"]: one["VpcId"] for one in files["describe-subnets.json"]["Subnets"]}
arns = {one["ServiceName"]: one["ServiceArn"] for one in apprunner.list_services()["ServiceSummaryList"]}
for name in services:
    own = folder / name
    own.mkdir(parents=True, exist_ok=True)
    service = apprunner.describe_service(ServiceArn=arns[name])
    while service["Service"]["Status"] == "OPERATION_IN_PROGRESS":
        time.sleep(0.1)
        service = apprunner.describe_service(ServiceArn=arns[name])
    own_files = {**files, "describe-service.json": service}
    arn = service["Service"]["NetworkConfiguration"]["EgressConfiguration"].get("VpcConnectorArn")
    if arn:
        vpc = subnets[connectors[arn]["Subnets"][0]]
        for attribute, answer in attributes[vpc].items():
            own_files[f"describe-vpc-attribute-{attribute}.json"] = answer
    for file, answer in own_files.items():
        (own / file).write_text(json.dumps(answer, default=str))
