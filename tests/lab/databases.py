"""Adds databases, a cache and a load balancer to the VPC of account.py, and a service whose settings name them.

Usage: databases.py ENDPOINT. Prints their host names as JSON. moto makes no network interfaces for these resources, so this
script makes them, with the descriptions that AWS gives them.
"""

import json
import sys
import time

import boto3

options = {"endpoint_url": sys.argv[1], "region_name": "us-west-2", "aws_access_key_id": "lab",
           "aws_secret_access_key": "lab"}


def client(service):
    return boto3.client(service, **options)


ec2, rds, cache, elb, apprunner = (client(name) for name in ("ec2", "rds", "elasticache", "elbv2", "apprunner"))

vpc = next(vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if vpc["CidrBlock"] == "10.40.0.0/16")
subnets = sorted(subnet["SubnetId"] for subnet in ec2.describe_subnets(
    Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"])


def group(name, *ports):
    """A security group that allows these ports from the VPC."""
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    for port in ports:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[{
            "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.40.0.0/16"}]}])
    return made


def interface(description, security_group):
    ec2.create_network_interface(SubnetId=subnets[0], Groups=[security_group], Description=description)


closed, opened, sessions, web = group("orders"), group("ledger", 5432), group("sessions", 6379), group("web", 80)
rds.create_db_subnet_group(DBSubnetGroupName="main", DBSubnetGroupDescription="main", SubnetIds=subnets)
orders = rds.create_db_instance(
    DBInstanceIdentifier="orders", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20, Port=5432,
    MasterUsername="admin1", MasterUserPassword="hunter2hunter2", DBSubnetGroupName="main", VpcSecurityGroupIds=[closed],
    PubliclyAccessible=False)["DBInstance"]
ledger = rds.create_db_cluster(
    DBClusterIdentifier="ledger", Engine="aurora-postgresql", MasterUsername="admin1", ManageMasterUserPassword=True,
    DBSubnetGroupName="main", VpcSecurityGroupIds=[opened], Port=5432)["DBCluster"]
rds.create_db_instance(DBInstanceIdentifier="ledger-1", Engine="aurora-postgresql", DBInstanceClass="db.t4g.medium",
                       DBClusterIdentifier="ledger", DBSubnetGroupName="main")
cache.create_cache_subnet_group(CacheSubnetGroupName="main", CacheSubnetGroupDescription="main", SubnetIds=subnets)
cache.create_replication_group(
    ReplicationGroupId="sessions", ReplicationGroupDescription="sessions", Engine="redis", CacheNodeType="cache.t4g.micro",
    CacheSubnetGroupName="main", SecurityGroupIds=[sessions], NumCacheClusters=1, TransitEncryptionEnabled=True, Port=6379)
balancer = elb.create_load_balancer(Name="api", Subnets=subnets, SecurityGroups=[web], Scheme="internal",
                                    Type="application")["LoadBalancers"][0]
interface("RDSNetworkInterface", closed)
interface("RDSNetworkInterface", opened)
interface("ElastiCache sessions-001", sessions)
interface("ELB " + balancer["LoadBalancerArn"].split(":loadbalancer/")[1], web)

orders = rds.describe_db_instances(DBInstanceIdentifier="orders")["DBInstances"][0]
ledger = rds.describe_db_clusters(DBClusterIdentifier="ledger")["DBClusters"][0]
shard = cache.describe_replication_groups(ReplicationGroupId="sessions")["ReplicationGroups"][0]["NodeGroups"][0]
hosts = {"orders": orders["Endpoint"]["Address"], "ledger": ledger["Endpoint"],
         "sessions": shard["PrimaryEndpoint"]["Address"], "api": balancer["DNSName"]}
connector = next(one["VpcConnectorArn"] for one in apprunner.list_vpc_connectors()["VpcConnectors"])
service = apprunner.create_service(
    ServiceName="shop",
    SourceConfiguration={"ImageRepository": {
        "ImageIdentifier": "public.ecr.aws/aws-containers/hello-app-runner:latest", "ImageRepositoryType": "ECR_PUBLIC",
        "ImageConfiguration": {
            "RuntimeEnvironmentVariables": {
                "DATABASE_URL": f"postgres://shop:p4ssw0rd@{hosts['orders']}/shop",
                "LEDGER_CLUSTER_ARN": ledger["DBClusterArn"],
                "REDIS_URL": f"rediss://{hosts['sessions']}",
                "API_URL": f"http://{hosts['api']}",
                "KAFKA_CLUSTER_ARN": "arn:aws:kafka:us-west-2:123456789012:cluster/events/0a1b2c3d-4",
            },
            "RuntimeEnvironmentSecrets": {"LEDGER_PASSWORD": f"{ledger['MasterUserSecret']['SecretArn']}:password::"},
        },
    }},
    NetworkConfiguration={"EgressConfiguration": {"EgressType": "VPC", "VpcConnectorArn": connector}},
)
while apprunner.describe_service(ServiceArn=service["Service"]["ServiceArn"])["Service"]["Status"] != "RUNNING":
    time.sleep(0.1)
print(json.dumps(hosts))
