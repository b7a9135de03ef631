"""An emulator of App Runner for one account and region, in memory, with the protocol AWS JSON 1.0.

Emulates the behaviour that Terraform's provider and egress-doctor depend on: a change takes some time
(OPERATION_IN_PROGRESS), a second change during this time is refused, a connector in use cannot be deleted,
a connector together with egress DEFAULT is refused, DescribeService also returns deleted services, and lists
have pages. It does not emulate network traffic.
"""

import secrets
import threading
import time

ACCOUNT = "123456789012"


class Refusal(Exception):
    """An error in the format of App Runner."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def refuse(message):
    return Refusal("InvalidRequestException", message)


class AppRunner:
    """The emulator. Each API operation is a method with the same name; `call` dispatches."""

    CHANGE_SECONDS = 0.4  # duration of a change

    def __init__(self, region):
        self.region = region
        self.lock = threading.Lock()
        self.services, self.connectors, self.operations, self.tags = {}, {}, {}, {}

    def call(self, operation, body):
        method = getattr(self, operation, None)
        if operation.startswith("_") or not operation[:1].isupper() or method is None:
            raise Refusal("UnknownOperationException", f"no operation {operation}")
        with self.lock:
            return method(body)

    # Connectors

    def CreateVpcConnector(self, body):
        name, subnets = body.get("VpcConnectorName"), body.get("Subnets") or []
        if not name or not subnets:
            raise refuse("VpcConnectorName and Subnets are required")
        active = [one for one in self.connectors.values() if one["Status"] == "ACTIVE"]
        if any(one["VpcConnectorName"] == name for one in active):
            raise refuse(f"A connector named {name} exists already")
        groups = body.get("SecurityGroups") or []
        if any(sorted(one["SecurityGroups"]) == sorted(groups) and sorted(one["Subnets"]) == sorted(subnets)
               for one in active):
            raise refuse("The security groups combination provided in the request already exists on existing vpc "
                         "connector")
        arn = self._arn(f"vpcconnector/{name}/1/{secrets.token_hex(16)}")
        self.connectors[arn] = {
            "VpcConnectorName": name, "VpcConnectorArn": arn, "VpcConnectorRevision": 1, "Subnets": subnets,
            "SecurityGroups": groups, "Status": "ACTIVE", "CreatedAt": time.time(),
        }
        self._tag(arn, body)
        return {"VpcConnector": self.connectors[arn]}

    def DescribeVpcConnector(self, body):
        return {"VpcConnector": self._connector(body.get("VpcConnectorArn"))}

    def ListVpcConnectors(self, body):
        active = [one for one in self.connectors.values() if one["Status"] == "ACTIVE"]
        return self._page("VpcConnectors", active, body, 100)

    def DeleteVpcConnector(self, body):
        connector = self._connector(body.get("VpcConnectorArn"))
        for service in self.services.values():
            if service["Status"] != "DELETED" and self._used_connector(service) == connector["VpcConnectorArn"]:
                raise refuse("Provided VPC connector arn is being used by other services")
        connector["Status"] = "INACTIVE"
        connector["DeletedAt"] = time.time()
        return {"VpcConnector": connector}

    # Services

    def CreateService(self, body):
        name = body.get("ServiceName")
        if not name or "SourceConfiguration" not in body:
            raise refuse("ServiceName and SourceConfiguration are required")
        if any(one["ServiceName"] == name and one["Status"] != "DELETED" for one in self.services.values()):
            raise refuse(f"Service with the provided name already exists: {name}.")
        identity = secrets.token_hex(16)
        arn = self._arn(f"service/{name}/{identity}")
        now = time.time()
        self.services[arn] = {
            "ServiceName": name, "ServiceId": identity, "ServiceArn": arn,
            "ServiceUrl": f"{identity[:10]}.{self.region}.awsapprunner.com", "CreatedAt": now, "UpdatedAt": now,
            "Status": "OPERATION_IN_PROGRESS", "SourceConfiguration": body["SourceConfiguration"],
            "InstanceConfiguration": {"Cpu": "1024", "Memory": "2048", **(body.get("InstanceConfiguration") or {})},
            "HealthCheckConfiguration": {
                "Protocol": "TCP", "Path": "/", "Interval": 5, "Timeout": 2, "HealthyThreshold": 1,
                "UnhealthyThreshold": 5, **(body.get("HealthCheckConfiguration") or {}),
            },
            "AutoScalingConfigurationSummary": {
                "AutoScalingConfigurationArn":
                    self._arn("autoscalingconfiguration/DefaultConfiguration/1/00000000000000000000000000000001"),
                "AutoScalingConfigurationName": "DefaultConfiguration", "AutoScalingConfigurationRevision": 1,
            },
            "NetworkConfiguration": self._network({}, body.get("NetworkConfiguration") or {}),
        }
        self._tag(arn, body)
        operation = self._begin(arn, "CREATE_SERVICE", "RUNNING")
        return {"Service": self._public(self.services[arn]), "OperationId": operation}

    def DescribeService(self, body):
        return {"Service": self._public(self._service(body.get("ServiceArn")))}

    def ListServices(self, body):
        fields = ("ServiceName", "ServiceId", "ServiceArn", "ServiceUrl", "CreatedAt", "UpdatedAt", "Status")
        live = [self._public(one) for one in self.services.values()]
        live = [{field: one[field] for field in fields} for one in live if one["Status"] != "DELETED"]
        return self._page("ServiceSummaryList", live, body, 20)

    def UpdateService(self, body):
        service = self._idle(body)
        for field in ("SourceConfiguration", "InstanceConfiguration", "HealthCheckConfiguration"):
            if body.get(field):
                merged = {**service[field], **body[field]} if field != "SourceConfiguration" else body[field]
                service[field] = merged
        if body.get("NetworkConfiguration"):
            service["NetworkConfiguration"] = self._network(service["NetworkConfiguration"],
                                                            body["NetworkConfiguration"])
        service["UpdatedAt"] = time.time()
        operation = self._begin(service["ServiceArn"], "UPDATE_SERVICE", "RUNNING")
        return {"Service": self._public(service), "OperationId": operation}

    def DeleteService(self, body):
        service = self._idle(body)
        service["DeletedAt"] = time.time()
        operation = self._begin(service["ServiceArn"], "DELETE_SERVICE", "DELETED")
        return {"Service": self._public(service), "OperationId": operation}

    def ListOperations(self, body):
        service = self._public(self._service(body.get("ServiceArn")))
        return self._page("OperationSummaryList", self.operations.get(service["ServiceArn"], []), body, 20)

    # Tags

    def ListTagsForResource(self, body):
        tags = self.tags.get(body.get("ResourceArn"), {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def TagResource(self, body):
        self._tag(body["ResourceArn"], body)
        return {}

    def UntagResource(self, body):
        for key in body.get("TagKeys") or []:
            self.tags.get(body["ResourceArn"], {}).pop(key, None)
        return {}

    # Helpers

    def _arn(self, rest):
        return f"arn:aws:apprunner:{self.region}:{ACCOUNT}:{rest}"

    def _tag(self, arn, body):
        self.tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in body.get("Tags") or []})

    def _connector(self, arn):
        if arn not in self.connectors:
            raise Refusal("ResourceNotFoundException", f"No resource found: {arn}")
        return self.connectors[arn]

    def _service(self, arn):
        if arn not in self.services:
            raise Refusal("ResourceNotFoundException", f"Service cannot be found for the provided service ARN: {arn}")
        return self.services[arn]

    def _idle(self, body):
        service = self._service(body.get("ServiceArn"))
        if self._public(service)["Status"] == "OPERATION_IN_PROGRESS":
            raise Refusal("InvalidStateException", "Service cannot be updated in the current state: "
                          "OPERATION_IN_PROGRESS.")
        return service

    def _begin(self, arn, kind, then):
        identity = secrets.token_hex(16)
        service = self.services[arn]
        service["Status"], service["_then"], service["_at"] = "OPERATION_IN_PROGRESS", then, time.time() + self.CHANGE_SECONDS
        self.operations.setdefault(arn, []).insert(0, {
            "Id": identity, "Type": kind, "Status": "IN_PROGRESS", "TargetArn": arn, "StartedAt": time.time(),
        })
        return identity

    def _public(self, service):
        """The service as the API returns it; completes a change whose duration has passed."""
        if service.get("_then") and time.time() >= service["_at"]:
            service["Status"], service["_then"] = service["_then"], None
            self.operations[service["ServiceArn"]][0].update(Status="SUCCEEDED", EndedAt=time.time())
        return {key: value for key, value in service.items() if not key.startswith("_")}

    def _network(self, before, wanted):
        """Updates the given parts of the network settings; the other parts keep their values."""
        egress = wanted.get("EgressConfiguration") or before.get("EgressConfiguration") or {"EgressType": "DEFAULT"}
        connector = egress.get("VpcConnectorArn")
        if egress.get("EgressType") == "DEFAULT" and connector:
            raise refuse("VpcConnectorArn must not be set when EgressType is DEFAULT")
        if egress.get("EgressType") == "VPC":
            if not connector:
                raise refuse("VpcConnectorArn is required when EgressType is VPC")
            if self._connector(connector)["Status"] != "ACTIVE":
                raise refuse(f"VPC connector is not active: {connector}")
        ingress = wanted.get("IngressConfiguration") or before.get("IngressConfiguration")
        return {
            "EgressConfiguration": egress,
            "IngressConfiguration": ingress or {"IsPubliclyAccessible": True},
            "IpAddressType": wanted.get("IpAddressType") or before.get("IpAddressType") or "IPV4",
        }

    @staticmethod
    def _used_connector(service):
        return service["NetworkConfiguration"]["EgressConfiguration"].get("VpcConnectorArn")

    @staticmethod
    def _page(key, items, body, most):
        size = body.get("MaxResults") or most
        if not 1 <= size <= most:
            raise refuse(f"MaxResults must be between 1 and {most}")
        start = int(body.get("NextToken") or 0)
        page = {key: items[start:start + size]}
        if start + size < len(items):
            page["NextToken"] = str(start + size)
        return page
