"""A proxy in front of moto and the App Runner emulator: forwards calls, records them, and injects faults.

`GET /lab/stats` returns the calls since the last reset, `POST /lab/reset` deletes them, and `POST /lab/faults`
sets the faults, a list of:
- {"operation": regex, "kind": "denied"|"throttled"|"expired"|"error"|"garbage"|"truncate"|"reset"|"hang", "count": n,
  "huge", "skip": n, "probability": p}; without a count, all calls; "error" is HTTP status 500, "hang" never answers,
  "huge" is an answer that has no end
- {"operation": regex, "kind": "latency", "seconds": n}, in addition to another fault
- {"operation": regex, "kind": "round", "seconds": n}, in addition to another fault: the answer waits until all answers are computed and no
  call has arrived for this time. So calls that do not wait for each other overlap, also on a busy machine
- {"operation": regex, "kind": "page", "size": n}, because moto returns all items in one page
- {"operation": regex, "kind": "replace", "old": text, "new": text}

`POST /lab/share` makes the calls in `operations` (regex) of the access key `participant` answer as those of `owner`, as for a VPC that
another account shares. A fault with "key" concerns only the calls of this access key, one with "names" only the calls that name this id.
"""

import http.client
import json
import random
import re
import socket
import struct
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from apprunner import Refusal
from correct import correct, paged
from large import Large


# The entries of the Price List, by the requested value.
PRICES = {"NAT Gateway": {"NatGateway-Hours": "0.0450000000", "NatGateway-Bytes": "0.0450000000",
                          "RegionalNatGateway-Hours": "0.0460000000"},
          "VpcEndpoint": {"VpcEndpoint-Hours": "0.0100000000", "VpcEndpoint-Bytes": "0.0100000000"},
          "VPCPublicIPv4Address": {"PublicIPv4:InUseAddress": "0.0050000000", "PublicIPv4:IdleAddress": "0.0050000000"}}


def price_list(question):
    """A response of `GetProducts`."""
    values = [one["Value"] for one in question.get("Filters", [])]
    products = []
    for usage, usd in next((PRICES[value] for value in values if value in PRICES), {}).items():
        dimension = {"unit": "Hrs", "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": usd}}
        products.append(json.dumps({
            "product": {"sku": "LAB", "attributes": {"usagetype": f"USW2-{usage}", "regionCode": "us-west-2"}},
            "serviceCode": question["ServiceCode"],
            "terms": {"OnDemand": {"LAB.1": {"priceDimensions": {"LAB.1.1": dimension}, "termAttributes": {}}}},
        }))
    return {"FormatVersion": "aws_v1", "PriceList": products}


# The list calls that moto does not have, with the namespace of their answer and the name of their list.
EMPTY = {"DescribeDBProxyEndpoints": ("http://rds.amazonaws.com/doc/2014-10-31/", "DBProxyEndpoints"),
         "DescribeServerlessCaches": ("http://elasticache.amazonaws.com/doc/2015-02-02/", "ServerlessCaches")}


def empty(operation):
    """An answer with an empty list, in the query protocol."""
    space, name = EMPTY[operation]
    return (f"<{operation}Response xmlns=\"{space}\"><{operation}Result><{name}/></{operation}Result></{operation}Response>"
            ).encode()


def events(question):
    """A response of `LookupEvents`: of each resource a change, a call that failed, and a call that reads. Two pages."""
    name = question["LookupAttributes"][0]["AttributeValue"] if question.get("LookupAttributes") else "nobody"
    session = {"sessionIssuer": {"type": "Role", "userName": "Deploy"}}
    identity = {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Deploy/alice", "accessKeyId": "ASIALABKEY",
                "sessionContext": session}

    def event(operation, age, read_only, **more):
        detail = {"eventVersion": "1.08", "userIdentity": identity, "eventName": operation, "sourceIPAddress": "203.0.113.9", **more}
        return {"EventId": f"{operation}-{age}", "EventName": operation, "ReadOnly": read_only, "AccessKeyId": "ASIALABKEY",
                "EventTime": 1763629200 - age, "EventSource": "ec2.amazonaws.com", "Username": "alice",
                "Resources": [{"ResourceName": name}], "CloudTrailEvent": json.dumps(detail)}

    if question.get("NextToken"):
        return {"Events": [event("CreateTags", 86400, "false")]}
    return {"Events": [event("DescribeTags", 0, "true"), event("DeleteTags", 60, "false", errorCode="Client.UnauthorizedOperation"),
                       event("ModifyLabResource", 120, "false")], "NextToken": "2"}


class Record:
    """The calls of one client, with their times."""

    def __init__(self):
        self.lock = threading.Lock()
        self.calls, self.faults, self.large, self.share = [], [], None, None
        # The number of the present round, its calls whose answers are being computed, and the time of its last arrival or computed answer.
        self.round, self.computing, self.last_event = 0, 0, 0
        # Responses to calls that change resources, by the invocation id that an SDK uses for a call and its
        # retries. A retry after a lost connection gets the same response instead of an error.
        self.answers = {}

    def add(self, service, operation, start, end, status):
        with self.lock:
            self.calls.append({"service": service, "operation": operation, "start": start, "end": end,
                               "status": status})

    def reset(self):
        with self.lock:
            self.calls = []

    def stats(self):
        with self.lock:
            calls = sorted(self.calls, key=lambda call: call["start"])
        counts = {}
        for call in calls:
            name = f"{call['service']}:{call['operation']}"
            counts[name] = counts.get(name, 0) + 1
        depth, chain, most = [], [], 0
        for index, call in enumerate(calls):
            before = [other for other in range(index) if calls[other]["end"] <= call["start"]]
            depth.append(1 + max((depth[other] for other in before), default=0))
            chain.append(call["end"] - call["start"] + max((chain[other] for other in before), default=0))
            most = max(most, sum(1 for other in calls if other["start"] <= call["start"] < other["end"]))
        return {"calls": len(calls), "rounds": max(depth, default=0), "chain_seconds": max(chain, default=0),
                "most_at_once": most, "operations": counts}

    def fault(self, operation, request, key=None):
        """The fault of this call, after its latency, and the number and the time of its round."""
        with self.lock:
            matching = [one for one in self.faults if re.fullmatch(one["operation"], operation)
                        and one.get("key", key) == key and one.get("names", "") in request]
            latency, quiet = (max((one["seconds"] for one in matching if one["kind"] == kind), default=0)
                              for kind in ("latency", "round"))
            fault = next((one for one in matching if one["kind"] not in ("latency", "round") and self.applies(one)), None)
            if quiet:
                self.computing, self.last_event = self.computing + 1, time.monotonic()
            opened = (self.round, quiet) if quiet else None
        time.sleep(latency)
        return fault, opened

    def computed(self):
        """The answer of a call of a round is computed, or it has none."""
        with self.lock:
            self.computing, self.last_event = self.computing - 1, time.monotonic()

    def close_round(self, number, quiet):
        """Waits for the end of the round: all its answers are computed, and no call has arrived for this time."""
        self.computed()
        while True:
            with self.lock:
                if self.round == number and not self.computing and time.monotonic() >= self.last_event + quiet:
                    self.round += 1
                if self.round != number:
                    return
            time.sleep(0.01)

    @staticmethod
    def applies(fault):
        if fault.get("skip", 0) > 0:
            fault["skip"] -= 1
            return False
        if fault.get("count", 1) < 1 or random.random() >= fault.get("probability", 1):
            return False
        if "count" in fault:
            fault["count"] -= 1
        return True


class Server(ThreadingHTTPServer):
    """A server that accepts as many connections at once as a client opens. A client that gives up is not an error."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


# The faults that replace the answer.
FAILURES = ("denied", "throttled", "expired", "error", "garbage", "reset", "hang", "huge")


def gateway(moto_port, apprunner, record):
    """The server, bound to a free port of the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_):
            pass

        def do_GET(self):
            if self.path == "/lab/stats":
                return self.answer(200, "application/json", json.dumps(record.stats()).encode())
            if not self.path.startswith("/2013-04-01/hostedzonesbyvpc"):
                return self.forward(b"", "s3", self.command)
            operation, start = "ListHostedZonesByVPC", time.monotonic()
            self.service, self.invocation, self.change = "route53", None, None
            fault, self.opened = record.fault(operation, self.path)
            kind = fault["kind"] if fault else None
            refused = kind in FAILURES
            self.cuts = kind == "truncate"
            status = self.fail(kind, False) if refused else self.forward(b"", "route53", operation)
            record.add("route53", operation, start, self.ended(), status)

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/lab/reset":
                record.reset()
                return self.answer(200, "application/json", b"{}")
            if self.path == "/lab/faults":
                record.faults = json.loads(body)
                return self.answer(200, "application/json", b"{}")
            if self.path == "/lab/share":
                record.share = json.loads(body)
                return self.answer(200, "application/json", b"{}")
            if self.path == "/lab/large":
                record.large = Large(**json.loads(body))
                return self.answer(200, "application/json", b"{}")
            target = self.headers.get("X-Amz-Target") or ""
            form = urllib.parse.parse_qs(body.decode("utf-8", "replace"))
            operation = target.split(".")[-1] if target else (form.get("Action") or ["?"])[0]
            credential = re.search(r"Credential=[^/]*/[^/]*/[^/]*/([^/]*)/", self.headers.get("Authorization") or "")
            service = credential.group(1) if credential else "?"
            self.service = service
            reads = operation.startswith(("Describe", "List", "Get", "?"))
            self.invocation = None if reads else self.headers.get("amz-sdk-invocation-id")
            self.change = None
            if self.invocation in record.answers:
                return self.answer(*record.answers[self.invocation])
            start = time.monotonic()
            fault, self.opened = record.fault(operation, body.decode("utf-8", "replace"), self.key())
            kind = fault["kind"] if fault else None
            self.cuts = kind == "truncate"
            if kind == "page" and not target:
                token = int((form.get("NextToken") or ["0"])[0])
                self.change = lambda answer: paged(answer, token, fault["size"])
                body = re.sub(rb"&?(NextToken|MaxResults)=[^&]*", b"", body)
            elif kind == "replace":
                self.change = lambda answer: answer.replace(fault["old"].encode(), fault["new"].encode())
            computed = record.large and record.large.answer(operation, bool(target), body)
            if kind in FAILURES:
                status = self.fail(kind, bool(target))
            elif computed:
                status = self.answer(*computed)
            elif operation in EMPTY:
                status = self.answer(200, "text/xml", empty(operation))
            elif target.startswith("AppRunner."):
                status = self.emulate(operation, body)
            elif target.startswith("AWSPriceListService."):
                status = self.answer(200, "application/x-amz-json-1.1", json.dumps(price_list(json.loads(body))).encode())
            elif operation == "LookupEvents":
                status = self.answer(200, "application/x-amz-json-1.1", json.dumps(events(json.loads(body))).encode())
            else:
                status = self.forward(body, service, operation)
            record.add(service, operation, start, self.ended(), status)

        do_PUT = do_DELETE = do_HEAD = do_GET

        def emulate(self, operation, body):
            try:
                return self.answer(200, "application/x-amz-json-1.0",
                                   json.dumps(apprunner.call(operation, json.loads(body or b"{}"))).encode())
            except Refusal as refusal:
                text = json.dumps({"__type": f"com.amazonaws.apprunner#{refusal.code}", "Message": refusal.message})
                return self.answer(refusal.status, "application/x-amz-json-1.0", text.encode())

        def key(self):
            """The access key of the caller."""
            credential = re.search(r"Credential=([^/]*)/", self.headers.get("Authorization") or "")
            return credential and credential.group(1)

        def forward(self, body, service, operation):
            form = urllib.parse.parse_qs(body.decode("utf-8", "replace"))
            headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "content-length")}
            headers["Host"] = self.headers.get("Host") or "localhost"
            share = record.share
            if share and self.key() == share["participant"] and re.fullmatch(share["operations"], operation):
                # moto finds the account by the access key, and checks no signature.
                for name, value in headers.items():
                    if name.lower() == "authorization":
                        headers[name] = value.replace(f"={share['participant']}/", f"={share['owner']}/")
            upstream = http.client.HTTPConnection("127.0.0.1", moto_port, timeout=60)
            try:
                upstream.request(self.command, self.path, body, headers)
                answer = upstream.getresponse()
                status, kind, text = answer.status, answer.getheader("Content-Type") or "text/plain", answer.read()
                if service == "ec2" and status == 200:
                    text = correct(operation, form, text, lambda action: self.ask(action, headers))
                return self.answer(status, kind, text)
            finally:
                upstream.close()

        @staticmethod
        def ask(action, headers):
            """Sends another EC2 request with the headers of the same client."""
            upstream = http.client.HTTPConnection("127.0.0.1", moto_port, timeout=60)
            try:
                body = f"Action={action}&Version=2016-11-15"
                upstream.request("POST", "/", body, {**headers, "Content-Length": str(len(body))})
                return upstream.getresponse().read()
            finally:
                upstream.close()

        def fail(self, kind, json_protocol):
            if kind == "reset":
                # Closes the connection with a TCP reset, without a response.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
                return 0
            if kind == "hang":
                # The client gives up.
                self.close_connection = True
                try:
                    self.connection.settimeout(120)
                    self.connection.recv(1)
                except OSError:
                    pass
                return 0
            if kind == "huge":
                self.close_connection = True
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(1 << 40))
                self.end_headers()
                while True:
                    self.wfile.write(b" " * (1 << 20))
            if kind == "garbage":
                return self.answer(200, "text/html", b"<html><body>Please log in to the proxy</body></html>")
            code, status = {
                ("denied", True): ("AccessDeniedException", 400),
                ("denied", False): ("UnauthorizedOperation", 403),
                ("throttled", True): ("ThrottlingException", 400),
                ("throttled", False): ("RequestLimitExceeded", 503),
                ("expired", True): ("ExpiredTokenException", 400),
                ("expired", False): ("RequestExpired", 400),
                ("error", True): ("InternalServiceErrorException", 500),
                ("error", False): ("InternalError", 500),
            }[(kind, json_protocol)]
            message = {"denied": "You are not authorized to perform this operation.", "throttled": "Request limit exceeded.",
                       "expired": "The security token included in the request is expired.",
                       "error": "An internal error has occurred"}[kind]
            if json_protocol:
                text = json.dumps({"__type": code, "Message": message}).encode()
                return self.answer(status, "application/x-amz-json-1.0", text)
            if self.service in ("iam", "route53", "sts", "rds", "elasticache", "elasticloadbalancing"):
                code = {"UnauthorizedOperation": "AccessDenied", "RequestLimitExceeded": "Throttling",
                        "RequestExpired": "ExpiredToken", "InternalError": "InternalFailure"}[code]
                text = (f"<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>"
                        f"<Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>").encode()
                return self.answer(status, "text/xml", text)
            text = (f"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Errors><Error><Code>{code}</Code><Message>"
                    f"{message}</Message></Error></Errors><RequestID>lab</RequestID></Response>").encode()
            return self.answer(status, "text/xml", text)

        written, opened = None, None

        def ended(self):
            """The time of the answer; the present time if there was none."""
            if self.opened:
                record.computed()
                self.opened = None
            end, self.written = self.written or time.monotonic(), None
            return end

        def answer(self, status, kind, body):
            if getattr(self, "change", None) and status == 200:
                body = self.change(body)
            if getattr(self, "invocation", None) and status == 200:
                record.answers[self.invocation] = (status, kind, body)
            if self.opened:
                record.close_round(*self.opened)
                self.opened = None
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            # The client may send its next call as soon as it has the answer.
            self.written = time.monotonic()
            self.end_headers()
            if getattr(self, "cuts", False):
                # The connection ends before the promised length.
                self.close_connection = True
                body, self.cuts = body[:len(body) // 2], False
            if self.command != "HEAD":
                self.wfile.write(body)
            return status

    return Server(("127.0.0.1", 0), Handler)
