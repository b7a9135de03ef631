"""Prints how long the interactive application takes to show the first service and the verdicts, in a pseudo-terminal.

Usage: measure_screen.py PROGRAM FOLDER [SERVICES [large]] (the program with live discovery, and the folder of lab.py). Each call takes
300 ms longer, and the price list never answers. With `large`, the account is the largest one of large.py.
"""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.request
from pathlib import Path

HERE, COLUMNS, ROWS, LIMIT, REPEATS = Path(__file__).parent, 120, 36, 60, 5
LARGE = {"services": 300, "vpcs": 40, "subnets": 500, "groups": 1000, "interfaces": 5000, "tables": 200}
# A control sequence, or a character.
PART = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[()][A-Z0-9]|\x1b[=>78]|(.)", re.DOTALL)


class Terminal:
    """The text of the screen: only the control sequences that the program uses to draw."""

    def __init__(self):
        self.cells, self.row, self.column, self.rest = [[" "] * COLUMNS for _ in range(ROWS)], 0, 0, ""

    def take(self, text):
        text = self.rest + text
        cut = text.rfind("\x1b", max(0, len(text) - 24))
        incomplete = cut >= 0 and not PART.match(text, cut)
        self.rest, text = (text[cut:], text[:cut]) if incomplete else ("", text)
        for values, command, character in PART.findall(text):
            if command == "H":
                row, column = ([int(value or 1) for value in values.split(";")] + [1, 1])[:2] if values else (1, 1)
                self.row, self.column = row - 1, column - 1
            elif command in ("C", "D", "G", "X"):
                count = int(values or 1)
                self.column += {"C": count, "D": -count, "G": count - 1 - self.column, "X": 0}[command]
                if command == "X":
                    self.cells[self.row][self.column:self.column + count] = " " * min(count, COLUMNS - self.column)
            elif character in ("\r", "\n"):
                self.row, self.column = (self.row, 0) if character == "\r" else (self.row + 1, self.column)
            elif command == "J":
                self.cells = [[" "] * COLUMNS for _ in range(ROWS)]
            elif character and character >= " " and self.row < ROWS and self.column < COLUMNS:
                self.cells[self.row][self.column] = character
                self.column += 1

    def text(self):
        return "\n".join("".join(row) for row in self.cells)


def send(url, body=None):
    with urllib.request.urlopen(url, body) as answer:
        return json.loads(answer.read())


def times(program, environment, wanted):
    """The time of the first screen that shows each text, from the start of the process."""
    start, seen, terminal = time.monotonic(), {}, Terminal()
    child, master = pty.fork()
    if child == 0:
        os.execve(program, [program], environment)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    while len(seen) < len(wanted) and time.monotonic() - start < LIMIT:
        if select.select([master], [], [], 0.01)[0]:
            terminal.take(os.read(master, 65536).decode("utf-8", "replace"))
            now, text = time.monotonic() - start, terminal.text()
            for name, pattern in wanted.items():
                if name not in seen and re.search(pattern, text):
                    seen[name] = now
    os.write(master, b"q")
    os.close(master)
    os.waitpid(child, 0)
    return seen


def main():
    program, folder, *more = sys.argv[1:]
    services, is_large = (more + ["3"])[0], more[1:] == ["large"]
    lab = subprocess.Popen([sys.executable, HERE / "lab.py", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    endpoint = json.loads(lab.stdout.readline())["endpoint"]
    settings = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab", "LC_ALL": "C.UTF-8",
                "AWS_REGION": "us-west-2", "AWS_EC2_METADATA_DISABLED": "true", "TERM": "xterm-256color"}
    if is_large:
        send(f"{endpoint}/lab/large", json.dumps(LARGE).encode())
    else:
        python = Path(folder) / "venv" / "bin" / "python"
        subprocess.run([python, HERE / "account.py", endpoint, services], check=True)
    # The first call of each kind takes seconds in the lab.
    subprocess.run([program, "snapshot", "-o", "/dev/null"], env={**os.environ, **settings, "HOME": tempfile.mkdtemp()},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    send(f"{endpoint}/lab/faults", json.dumps([{"operation": "GetProducts", "kind": "hang"},
                                               {"operation": ".*", "kind": "latency", "seconds": 0.3}]).encode())
    first = "bond-000" if is_large else "bond-00"
    wanted = {"first screen": "App Runner services|Reading", "first service": first,
              "first verdict": rf"{first} .*destinations? (blocked|reachable)"}
    for _ in range(REPEATS):
        home = tempfile.mkdtemp()
        seen = times(program, {**os.environ, **settings, "HOME": home, "XDG_STATE_HOME": home, "XDG_CACHE_HOME": home}, wanted)
        print(", ".join(f"{name} {seen[name]:.2f} s" if name in seen else f"{name} not within {LIMIT} s" for name in wanted), flush=True)
    lab.stdin.close()
    lab.wait()


main()
