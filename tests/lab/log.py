"""Creates a log and an instance role with policies for one service of the lab.

Usage: log.py ENDPOINT SERVICE < LINES (with the interpreter of the lab's virtual environment).
"""

import json
import sys
import time

import boto3

options = {"endpoint_url": sys.argv[1], "region_name": "us-west-2", "aws_access_key_id": "lab",
           "aws_secret_access_key": "lab"}
apprunner, logs, iam = (boto3.client(name, **options) for name in ("apprunner", "logs", "iam"))

services, token = [], None
while True:
    page = apprunner.list_services(**({"NextToken": token} if token else {}))
    services += page["ServiceSummaryList"]
    token = page.get("NextToken")
    if not token:
        break
arn = next(service["ServiceArn"] for service in services if service["ServiceName"] == sys.argv[2])
name, identity = arn.rsplit("/", 2)[1:]
group = f"/aws/apprunner/{name}/{identity}/application"
logs.create_log_group(logGroupName=group)
logs.create_log_stream(logGroupName=group, logStreamName="instance/1")
now = int(time.time() * 1000)
lines = sys.stdin.read().splitlines()
events = [{"timestamp": now - 60_000 + number, "message": line} for number, line in enumerate(lines)]
logs.put_log_events(logGroupName=group, logStreamName="instance/1", logEvents=events)

trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "tasks.apprunner.amazonaws.com"},
                                                 "Action": "sts:AssumeRole"}]}
role = iam.create_role(RoleName="bond-instance", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "*"}]}
iam.put_role_policy(RoleName="bond-instance", PolicyName="queue", PolicyDocument=json.dumps(policy))
attached = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
attached = iam.create_policy(PolicyName="keys", PolicyDocument=json.dumps(attached))["Policy"]["Arn"]
iam.attach_role_policy(RoleName="bond-instance", PolicyArn=attached)
apprunner.update_service(ServiceArn=arn, InstanceConfiguration={"InstanceRoleArn": role})
