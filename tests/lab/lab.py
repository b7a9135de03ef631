"""Starts an AWS-like account on the loopback address: moto, the App Runner emulator, and a proxy for both.

Usage: lab.py FOLDER. Creates a virtual environment with moto in FOLDER if it is missing, prints one line of JSON
({"endpoint": URL}), and stops itself and moto when its standard input is closed.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
import venv
from pathlib import Path

MOTO = "moto[server,ec2]==5.2.1"
REGION = "us-west-2"


def environment(folder):
    """The interpreter of a virtual environment with moto. Several labs may start at once."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    python, done = folder / "venv" / "bin" / "python", folder / f"{MOTO}.installed".replace("/", "-")
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            venv.create(folder / "venv", with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", MOTO], check=True,
                           stdout=sys.stderr)
            done.touch()
    return python


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    """Waits until moto answers. Its first EC2 call takes seconds, so this function makes it."""
    url = f"http://127.0.0.1:{port}"
    warm = urllib.request.Request(f"{url}/", b"Action=DescribeVpcs&Version=2016-11-15", {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=lab/20200101/{REGION}/ec2/aws4_request, SignedHeaders=host, "
                         "Signature=0",
    })
    for _ in range(300):
        try:
            urllib.request.urlopen(warm, timeout=60).read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("moto did not start")


def main():
    sys.dont_write_bytecode = True
    python = environment(Path(sys.argv[1]).absolute())
    sys.path.insert(0, str(Path(__file__).parent))
    from apprunner import AppRunner
    from gateway import Record, gateway

    port = free_port()
    moto = subprocess.Popen(
        [python, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
    )
    try:
        wait_for(port)
        server = gateway(port, AppRunner(REGION), Record())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"endpoint": f"http://127.0.0.1:{server.server_port}"}), flush=True)
        sys.stdin.read()
    finally:
        moto.kill()
        moto.wait()


main()
