"""Compares egress-doctor with boto3 in sequence and with the AWS CLI: the same facts about one service, with +100 ms for each call.

Usage: compare_clients.py PROGRAM FOLDER [AWS] (the program with live discovery, the folder of lab.py, and the `aws` program).
All clients run in one run, on one account. Prints calls, rounds and time of each.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE, DELAY, SERVICE = Path(__file__).parent, 0.1, "bond-00"
REPEATS = 3

# The calls of boto3, as a program of its own: what a script in sequence does.
BOTO3 = """
import time
import boto3

start = time.monotonic()
client = lambda name, region=None: boto3.client(name, **({"region_name": region} if region else {}))
ec2, apprunner = client("ec2"), client("apprunner")
client("sts").get_caller_identity()
services = apprunner.list_services()["ServiceSummaryList"]
arn = next(one["ServiceArn"] for one in services if one["ServiceName"] == "SERVICE")
service = apprunner.describe_service(ServiceArn=arn)["Service"]
own = service["NetworkConfiguration"]["EgressConfiguration"]["VpcConnectorArn"]
connector = next(one for one in apprunner.list_vpc_connectors()["VpcConnectors"] if one["VpcConnectorArn"] == own)
vpc = ec2.describe_subnets(SubnetIds=connector["Subnets"])["Subnets"][0]["VpcId"]
mine = {"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}
ec2.describe_vpcs(VpcIds=[vpc])
for attribute in ("enableDnsSupport", "enableDnsHostnames"):
    ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
for read in (ec2.describe_subnets, ec2.describe_route_tables, ec2.describe_security_groups, ec2.describe_network_acls,
             ec2.describe_vpc_endpoints, ec2.describe_network_interfaces):
    read(**mine)
ec2.describe_nat_gateways(Filter=mine["Filters"])
ec2.describe_internet_gateways()
ec2.describe_egress_only_internet_gateways()
ec2.describe_dhcp_options()
ec2.describe_vpc_peering_connections()
ec2.describe_vpc_endpoint_services()
client("route53").list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion="us-west-2")
wanted = [f"com.amazonaws.us-west-2.{name}" for name in ("s3", "dynamodb", "vpc-lattice")]
for one in ec2.describe_managed_prefix_lists()["PrefixLists"]:
    if one["PrefixListName"] in wanted:
        ec2.get_managed_prefix_list_entries(PrefixListId=one["PrefixListId"])
pricing = client("pricing", "us-east-1")
for code, field, value in (("AmazonEC2", "productFamily", "NAT Gateway"), ("AmazonVPC", "productFamily", "VpcEndpoint"),
                           ("AmazonVPC", "group", "VPCPublicIPv4Address")):
    pricing.get_products(ServiceCode=code, Filters=[{"Type": "TERM_MATCH", "Field": field, "Value": value}])
name, identity = arn.rsplit("/", 2)[1:]
try:
    client("logs").filter_log_events(logGroupName=f"/aws/apprunner/{name}/{identity}/application")
except Exception:
    pass  # The service has not written a line.
print(f"{time.monotonic() - start:.3f}")
"""


def aws_calls(aws, run):
    """The same with one process of the AWS CLI for each call."""
    run([aws, "sts", "get-caller-identity"])
    services = run([aws, "apprunner", "list-services"])["ServiceSummaryList"]
    arn = next(one["ServiceArn"] for one in services if one["ServiceName"] == SERVICE)
    service = run([aws, "apprunner", "describe-service", "--service-arn", arn])["Service"]
    own = service["NetworkConfiguration"]["EgressConfiguration"]["VpcConnectorArn"]
    connectors = run([aws, "apprunner", "list-vpc-connectors"])["VpcConnectors"]
    connector = next(one for one in connectors if one["VpcConnectorArn"] == own)
    vpc = run([aws, "ec2", "describe-subnets", "--subnet-ids", *connector["Subnets"]])["Subnets"][0]["VpcId"]
    mine = ["--filters", f"Name=vpc-id,Values={vpc}"]
    run([aws, "ec2", "describe-vpcs", "--vpc-ids", vpc])
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        run([aws, "ec2", "describe-vpc-attribute", "--vpc-id", vpc, "--attribute", attribute])
    for call in ("subnets", "route-tables", "security-groups", "network-acls", "vpc-endpoints", "network-interfaces"):
        run([aws, "ec2", f"describe-{call}", *mine])
    run([aws, "ec2", "describe-nat-gateways", "--filter", mine[1]])
    run([aws, "ec2", "describe-internet-gateways"])
    for call in ("egress-only-internet-gateways", "dhcp-options", "vpc-peering-connections", "vpc-endpoint-services"):
        run([aws, "ec2", f"describe-{call}"])
    run([aws, "route53", "list-hosted-zones-by-vpc", "--vpc-id", vpc, "--vpc-region", "us-west-2"])
    wanted = [f"com.amazonaws.us-west-2.{name}" for name in ("s3", "dynamodb", "vpc-lattice")]
    for one in run([aws, "ec2", "describe-managed-prefix-lists"])["PrefixLists"]:
        if one["PrefixListName"] in wanted:
            run([aws, "ec2", "get-managed-prefix-list-entries", "--prefix-list-id", one["PrefixListId"]])
    for code, field, value in (("AmazonEC2", "productFamily", "NAT Gateway"), ("AmazonVPC", "productFamily", "VpcEndpoint"),
                               ("AmazonVPC", "group", "VPCPublicIPv4Address")):
        run([aws, "pricing", "get-products", "--region", "us-east-1", "--service-code", code, "--filters",
             f"Type=TERM_MATCH,Field={field},Value={value}"])
    name, identity = arn.rsplit("/", 2)[1:]
    run([aws, "logs", "filter-log-events", "--log-group-name", f"/aws/apprunner/{name}/{identity}/application"], fails=True)


def send(url, body=None):
    with urllib.request.urlopen(url, body) as answer:
        return json.loads(answer.read())


def main():
    program, folder, *aws = sys.argv[1:]
    lab = subprocess.Popen([sys.executable, HERE / "lab.py", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    endpoint = json.loads(lab.stdout.readline())["endpoint"]
    python = Path(folder) / "venv" / "bin" / "python"
    subprocess.run([python, HERE / "account.py", endpoint, "1"], check=True)

    def environment():
        settings = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab",
                    "AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2", "AWS_EC2_METADATA_DISABLED": "true",
                    "AWS_PAGER": "", "HOME": tempfile.mkdtemp()}
        return {**os.environ, **settings}

    def doctor():
        # A new home folder has no cache of prices.
        command = [program, "diagnose", "--service", SERVICE, "--to", "secretsmanager.us-west-2.amazonaws.com", "--timeout", "10m"]
        subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def boto3():
        command = [python, "-c", BOTO3.replace("SERVICE", SERVICE)]
        answer = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
        return float(answer.stdout)

    def cli():
        own = environment()

        def run(command, fails=False):
            answer = subprocess.run([*command, "--output", "json"], env=own, capture_output=True, text=True)
            if answer.returncode and not fails:
                sys.exit(f"{' '.join(command)}: {answer.stderr}")
            return json.loads(answer.stdout) if answer.stdout.strip() and not fails else None

        aws_calls(aws[0], run)

    clients = {"egress-doctor": doctor, "boto3 in sequence": boto3, **({"aws": cli} if aws else {})}
    doctor()  # The first call of each kind takes seconds in the lab.
    send(f"{endpoint}/lab/faults", json.dumps([{"operation": ".*", "kind": "latency", "seconds": DELAY}]).encode())
    best = {}
    for name, client in clients.items():
        for _ in range(1 if client is cli else REPEATS):
            send(f"{endpoint}/lab/reset", b"")
            start = time.monotonic()
            inner = client()
            elapsed = time.monotonic() - start
            stats = send(f"{endpoint}/lab/stats")
            inside = "" if inner is None else f" ({inner:.2f} s without the start of Python)"
            print(f"{name}: {elapsed:.2f} s{inside}, {stats['calls']} calls, {stats['rounds']} rounds, longest chain "
                  f"{stats['chain_seconds']:.2f} s, at most {stats['most_at_once']} at once", flush=True)
            best[name] = min(best.get(name, elapsed), elapsed)
        print(json.dumps(stats["operations"]))
    for name in list(best)[1:]:
        print(f"{name} / egress-doctor: {best[name] / best['egress-doctor']:.1f}")
    if not aws:
        print("aws: not given")
    lab.stdin.close()
    lab.wait()


main()
