"""Runs a program in a pseudo terminal that follows commands from standard input, one JSON object per line.

{"keys": "q"} types, {"size": [columns, rows]} resizes, and {"signal": 15} sends a signal. The output of the program goes
to standard output. At its end, its exit code and the state of the terminal follow as a line of JSON.
"""

import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import termios


def resize(columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def take_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


control, terminal = os.openpty()
resize(100, 20)
before = termios.tcgetattr(terminal)
child = subprocess.Popen(
    sys.argv[1:], stdin=terminal, stdout=terminal, stderr=terminal, preexec_fn=take_terminal
)
pending = b""
sources = [control, 0]
while child.poll() is None:
    ready, _, _ = select.select(sources, [], [], 0.05)
    if control in ready:
        os.write(1, os.read(control, 65536))
    if 0 in ready:
        text = os.read(0, 65536)
        if text == b"":
            sources.remove(0)
        pending += text
        *lines, pending = pending.split(b"\n")
        for line in lines:
            command = json.loads(line)
            if "keys" in command:
                os.write(control, command["keys"].encode())
            if "size" in command:
                resize(*command["size"])
            if "signal" in command:
                child.send_signal(command["signal"])
while select.select([control], [], [], 0)[0]:
    os.write(1, os.read(control, 65536))
restored = termios.tcgetattr(terminal) == before
print("\n" + json.dumps({"code": child.returncode, "restored": restored}), flush=True)
