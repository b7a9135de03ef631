"""Build instance-role-actions.json: which host an application calls with an action that a policy allows.

    pip install botocore
    python3 assets/generate_instance_role_actions.py

The operations and their hosts come from the service models and endpoint rule sets of botocore. The tables below hold what
the models do not contain. `tests/suite/instance_role.rs` checks the result against hosts.json.
"""
import collections
import json
import pathlib
import re

import botocore
import botocore.session
from botocore.endpoint_provider import EndpointProvider

AS_OF = "2026-11"
REGION = "us-west-2"

# The prefix of IAM actions, where it is not the signing name (Service Authorization Reference).
PREFIXES = {"IoTSecuredTunneling": "iot", "iot-jobs-data": "iotjobsdata", "iotdata": "iot", "ioteventsdata": "iotevents",
            "monitoring": "cloudwatch", "mturk-requester": "mechanicalturk"}

# Services that administer accounts, networks and deployments. Policies of AWS often allow a few of their actions, and
# applications rarely call them: a destination for each of these actions would hide the others.
ADMINISTRATION = """
access-analyzer account aiops amplify amplifybackend amplifyuibuilder application-autoscaling application-insights
applicationcostprofiler appmesh apprunner appstream arc-region-switch arc-zonal-shift artifact auditmanager autoscaling
autoscaling-plans backup backup-gateway backupsearch bcm-dashboards bcm-data-exports bcm-pricing-calculator
bcm-recommended-actions billing billingconductor budgets ce chatbot cloud9 cloudcontrol cloudformation cloudfront cloudhsm
cloudhsmv2 cloudtrail cloudtrail-data codeartifact codebuild codecatalyst codecommit codeconnections codedeploy
codeguru-reviewer codeguru-security codepipeline codestar-connections codestar-notifications compute-optimizer
compute-optimizer-automation config controlcatalog controltower cost-optimization-hub cur datapipeline datasync detective
devicefarm devops-agent devops-guru directconnect discovery dlm dms drs ds ebs ec2 ec2-instance-connect efs
eks eks-auth elasticbeanstalk elb elbv2 evs finspace fis fms freetier fsx globalaccelerator grafana greengrass greengrassv2
groundstation guardduty health iam imagebuilder importexport inspector inspector-scan inspector2 interconnect
internetmonitor invoicing kafkaconnect launch-wizard license-manager license-manager-linux-subscriptions
license-manager-user-subscriptions lightsail m2 macie2 marketplace-agreement marketplace-catalog marketplace-deployment
marketplace-discovery marketplace-entitlement marketplace-reporting marketplacecommerceanalytics mgh mgn
migration-hub-refactor-spaces migrationhub-config migrationhuborchestrator migrationhubstrategy mpa mwaa-serverless
network-firewall networkflowmonitor networkmanager networkmonitor notifications notificationscontacts oam observabilityadmin
odb organizations outposts panorama partnercentral-account partnercentral-benefits partnercentral-channel
partnercentral-selling pca-connector-ad pca-connector-scep pcs pi pricing proton ram rbin repostspace resiliencehub
resource-explorer-2 resource-groups resourcegroupstaggingapi rolesanywhere route53 route53-recovery-cluster
route53-recovery-control-config route53-recovery-readiness route53domains route53globalresolver route53profiles
route53resolver rtbfabric savingsplans security-ir securityagent securityhub securitylake serverlessrepo service-quotas
servicecatalog servicecatalog-appregistry shield signin snow-device-management snowball ssm-guiconnect ssm-quicksetup
ssm-sap sso sso-admin sso-oidc storagegateway support support-app sustainability taxsettings tnb transfer trustedadvisor
uxc vpc-lattice waf waf-regional wafv2 wellarchitected workspaces workspaces-instances workspaces-thin-client
workspaces-web
""".split()

# Their hosts depend on a parameter of the call or on another call, so an action shows no host.
WITHOUT_HOST = ["cloudfront-keyvaluestore", "cloudsearchdomain", "kinesis-video-archived-media", "kinesis-video-media",
                "kinesis-video-signaling", "kinesis-video-webrtc-storage", "mediastore-data", "neptune-graph",
                "neptunedata", "s3control", "s3outposts", "apigatewaymanagementapi", "connectparticipant"]

# The service whose host comes first: an action that is no operation, and a permission for the whole service (`bedrock:*`),
# mean this host.
MAIN = {"bedrock": "bedrock-runtime", "bedrock-agentcore": "bedrock-agentcore", "chime": "chime-sdk-messaging",
        "dynamodb": "dynamodb", "iot": "iot", "lex": "lexv2-runtime", "sagemaker": "sagemaker", "ses": "ses",
        "sms-voice": "pinpoint-sms-voice-v2", "timestream": "timestream-write", "personalize": "personalize-runtime",
        "forecast": "forecastquery", "cassandra": "keyspaces", "ivs": "ivs", "connect": "connect",
        "aws-marketplace": "meteringmarketplace", "signer": "signer", "appconfig": "appconfig",
        "payment-cryptography": "payment-cryptography-data"}

# Hosts that a permission for the whole service means, where it is not the host of MAIN.
WHOLE_SERVICE = {"sagemaker": "sagemaker-runtime"}

# Actions that are no operations of a model, with their hosts. `*` stands for a part that the action does not show.
DATA_ACTIONS = {
    "aoss": [("*.{region}.aoss.{dns}", ["APIAccessAll", "DashboardsAccessAll"])],
    "appsync": [("*.appsync-api.{region}.{dns}", ["GraphQL", "EventConnect", "EventPublish", "EventSubscribe"])],
    "cassandra": [("cassandra.{region}.{dns}:9142", ["Alter", "Create", "Drop", "Modify", "Select"])],
    "dax": [("*.dax-clusters.{region}.{dns}", ["BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem",
                                              "GetItem", "PutItem", "Query", "Scan", "UpdateItem"])],
    "dsql": [("*.dsql.{region}.on.aws", ["DbConnect", "DbConnectAdmin"])],
    "elasticache": [("*.cache.{dns}", ["Connect"])],
    "es": [("*.{region}.es.{dns}", ["ESHttpDelete", "ESHttpGet", "ESHttpHead", "ESHttpPatch", "ESHttpPost", "ESHttpPut"])],
    "execute-api": [("*.execute-api.{region}.{dns}", ["Invoke", "InvalidateCache", "ManageConnections"])],
    "iot": [("*.iot.{region}.{dns}", ["Connect", "Receive", "Subscribe"])],
    "kafka-cluster": [("*.kafka.{region}.{dns}", [])],
    "lambda": [("lambda.{region}.{dns}", ["InvokeFunction"]), ("*.lambda-url.{region}.on.aws", ["InvokeFunctionUrl"])],
    "memorydb": [("*.memorydb.{region}.{dns}", ["Connect"])],
    "neptune-db": [("*.{region}.neptune.{dns}", [])],
    "rds-db": [("*.{region}.rds.{dns}", ["connect"])],
}

SESSION = botocore.session.get_session()
LOADER = SESSION.get_component("data_loader")
PARTITIONS = LOADER.load_data("partitions")


def template(host):
    """sqs.us-west-2.amazonaws.com -> sqs.{region}.{dns}"""
    out = re.sub(r"(^|\.)%s(\.|$)" % re.escape(REGION), r"\1{region}\2", host)
    return re.sub(r"\.api\.aws$", ".{dual}", re.sub(r"\.amazonaws\.com$", ".{dns}", out))


def operations(service):
    """{host template: operations}; an operation can have its own host prefix."""
    rules = EndpointProvider(LOADER.load_service_model(service, "endpoint-rule-set-1"), PARTITIONS)
    url = rules.resolve_endpoint(Region=REGION, UseFIPS=False, UseDualStack=False).url
    host = url.split("//", 1)[1].split("/", 1)[0]
    found = collections.defaultdict(set)
    for name, row in LOADER.load_service_model(service, "service-2")["operations"].items():
        prefix = row.get("endpoint", {}).get("hostPrefix", "")
        # The SDK fills in `{AccountId}` and the like: the action does not show the host.
        found[template(re.sub(r"\{\w+\}", "*", prefix) + host)].add(name)
    return found


def main():
    hosts = collections.defaultdict(lambda: collections.defaultdict(set))
    services = collections.defaultdict(lambda: collections.defaultdict(set))
    for service in SESSION.get_available_services():
        if service in ADMINISTRATION or service in WITHOUT_HOST:
            continue
        meta = LOADER.load_service_model(service, "service-2")["metadata"]
        prefix = meta.get("signingName") or meta["endpointPrefix"]
        prefix = PREFIXES.get(prefix, prefix)
        for host, names in operations(service).items():
            hosts[prefix][host] |= names
            services[prefix][host].add(service)
    for prefix, rows in DATA_ACTIONS.items():
        for host, names in rows:
            hosts[prefix][host] |= set(names)
    table = {}
    for prefix in sorted(hosts):
        main = MAIN.get(prefix)
        rank = lambda host: (main not in services[prefix][host], host.startswith("*"), -len(hosts[prefix][host]), host)
        rows = []
        for host in sorted(hosts[prefix], key=rank):
            row = {"host": host}
            if services[prefix][host]:
                row["services"] = sorted(services[prefix][host])
            if len(hosts[prefix]) > 1:
                row["operations"] = sorted(hosts[prefix][host])
            if WHOLE_SERVICE.get(prefix) in services[prefix][host]:
                row["whole_service"] = True
            rows.append(row)
        table[prefix] = rows
    line = lambda value: json.dumps(value, ensure_ascii=False)
    head = {
        "schema_version": 1,
        "as_of": AS_OF,
        "sources": {"botocore": f"service models and endpoint rule sets of botocore {botocore.__version__}",
                    "actions": "https://docs.aws.amazon.com/service-authorization/latest/reference/"},
        "administration": sorted(ADMINISTRATION),
        "without_host": sorted(WITHOUT_HOST),
    }
    text = "{\n" + "".join(f" {line(key)}: {line(value)},\n" for key, value in head.items()) + ' "actions": {\n'
    text += ",\n".join(f"  {line(key)}: {line(rows)}" for key, rows in table.items()) + "\n }\n}\n"
    pathlib.Path(__file__).with_name("instance-role-actions.json").write_text(text, encoding="utf-8")


main()
