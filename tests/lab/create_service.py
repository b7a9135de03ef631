"""Creates a service with a connector of the account, as a pipeline does.

Usage: create_service.py ENDPOINT NAME CONNECTOR
"""

import sys

import boto3

apprunner = boto3.client("apprunner", endpoint_url=sys.argv[1], region_name="us-west-2", aws_access_key_id="lab",
                         aws_secret_access_key="lab")
connectors = {one["VpcConnectorName"]: one["VpcConnectorArn"] for one in apprunner.list_vpc_connectors()["VpcConnectors"]}
apprunner.create_service(
    ServiceName=sys.argv[2],
    SourceConfiguration={"ImageRepository": {
        "ImageIdentifier": "public.ecr.aws/aws-containers/hello-app-runner:latest",
        "ImageRepositoryType": "ECR_PUBLIC",
    }},
    NetworkConfiguration={"EgressConfiguration": {"EgressType": "VPC", "VpcConnectorArn": connectors[sys.argv[3]]}},
)
