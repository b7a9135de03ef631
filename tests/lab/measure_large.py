"""Prints time, calls and memory of egress-doctor on the largest account of large.py.

Usage: measure_large.py PROGRAM FOLDER (the program with live discovery, and the folder of lab.py).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SIZE = {"services": 300, "vpcs": 40, "subnets": 500, "groups": 1000, "interfaces": 5000, "tables": 200}
REQUESTS = (
    ["snapshot", "-o", "/dev/null"],
    ["snapshot", "-o", "/dev/null", "--service", "bond-007"],
    ["diagnose", "--service", "bond-007", "--to", "bond.okta.com"],
)


def send(url, body=None):
    with urllib.request.urlopen(url, body) as answer:
        return json.loads(answer.read())


def main():
    program, folder = sys.argv[1:]
    lab = subprocess.Popen([sys.executable, Path(__file__).parent / "lab.py", folder], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)
    endpoint = json.loads(lab.stdout.readline())["endpoint"]
    send(f"{endpoint}/lab/large", json.dumps(SIZE).encode())
    home = tempfile.mkdtemp()
    settings = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab",
                "AWS_REGION": "us-west-2", "AWS_EC2_METADATA_DISABLED": "true", "HOME": home}
    for request in REQUESTS:
        send(f"{endpoint}/lab/reset", b"")
        start = time.monotonic()
        process = subprocess.Popen([program, *request, "--timeout", "10m"], env={**os.environ, **settings},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        elapsed, calls = time.monotonic() - start, send(f"{endpoint}/lab/stats")
        print(f"{' '.join(request)}: {elapsed:.2f} s, {calls['calls']} calls, at most {calls['most_at_once']} at once, "
              f"peak {usage.ru_maxrss // 1024} MB, exit code {os.waitstatus_to_exitcode(status)}")
    lab.stdin.close()
    lab.wait()


main()
