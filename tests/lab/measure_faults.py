"""Prints the time to the answer of egress-doctor under each fault, and the answer. Without a fault the destination is blocked.

Usage: measure_faults.py PROGRAM FOLDER (the program with live discovery, and the folder of lab.py).
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE, CALL, RUNS = Path(__file__).parent, "DescribeRouteTables", 20
KINDS = ("denied", "throttled", "expired", "error", "garbage", "truncate", "reset", "hang", "huge")
# 30 % of all calls, each kind with the same share. GetCallerIdentity decides about the credentials, and ends the program.
RANDOM = [{"operation": "(?!GetCallerIdentity).*", "kind": kind, "probability": share}
          for kinds in [("throttled", "error", "reset", "truncate", "garbage", "hang", "expired")]
          for kind, share in zip(kinds, [1 - 0.7 ** (1 / len(kinds))] * len(kinds))]
VERDICTS = {0: "reachable", 1: "blocked", 2: "error", 3: "unknown"}


def send(url, body=None):
    with urllib.request.urlopen(url, body) as answer:
        return json.loads(answer.read())


def main():
    program, folder = sys.argv[1:]
    lab = subprocess.Popen([sys.executable, HERE / "lab.py", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    endpoint = json.loads(lab.stdout.readline())["endpoint"]
    subprocess.run([Path(folder) / "venv" / "bin" / "python", HERE / "account.py", endpoint, "2"], check=True)
    settings = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab",
                "AWS_REGION": "us-west-2", "AWS_EC2_METADATA_DISABLED": "true", "HOME": tempfile.mkdtemp()}

    def diagnose(faults, *more):
        send(f"{endpoint}/lab/faults", json.dumps(faults).encode())
        command = [program, "diagnose", "--service", "bond-01", "--to", "s3.us-west-2.amazonaws.com", *more]
        start = time.monotonic()
        answer = subprocess.run(command, env={**os.environ, **settings, "RUST_BACKTRACE": "0"}, capture_output=True, text=True)
        return VERDICTS.get(answer.returncode, answer.returncode), time.monotonic() - start, answer.stdout + answer.stderr

    def row(name, faults, *more):
        verdict, seconds, text = diagnose(faults, *more)
        gap = next((line.split("Not read: ", 1)[1] for line in text.splitlines() if f"Not read: ec2:{CALL}" in line), "")
        print(f"| {name} | {verdict} | {seconds:.2f} | {gap[:110]} |", flush=True)

    diagnose([])
    print("| fault | verdict | s | gap |\n|---|---|---|---|")
    row("none", [])
    for kind in KINDS:
        row(f"{kind}, always", [{"operation": CALL, "kind": kind}])
        row(f"{kind}, once", [{"operation": CALL, "kind": kind, "count": 1}])
    row("pages of one item", [{"operation": "Describe(?!VpcAttribute|DhcpOptions|VpcEndpointServices).*", "kind": "page", "size": 1}])
    row("expired during discovery", [{"operation": "Describe(?!Service|Subnets).*", "kind": "expired"}])
    row("expired at the start", [{"operation": ".*", "kind": "expired"}])
    row("prices, log and endpoint services hang", [
        {"operation": "GetProducts|FilterLogEvents|DescribeVpcEndpointServices", "kind": "hang"}])
    row("everything hangs, --timeout 5s", [{"operation": ".*", "kind": "hang"}], "--timeout", "5s")
    random.seed(1)
    runs = [diagnose(RANDOM) for _ in range(RUNS)]
    times = sorted(seconds for _, seconds, _ in runs)
    verdicts = [verdict for verdict, _, _ in runs]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in sorted(set(verdicts)))
    print(f"| 30 % of all calls, {RUNS} runs | {counts} | median {times[RUNS // 2]:.2f}, most {times[-1]:.2f} | |")
    lab.stdin.close()
    lab.wait()


main()
