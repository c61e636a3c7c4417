"""Speaks the protocol of a worker and does what the note of a trial says; imports nothing that takes time."""

from __future__ import annotations

import json
import os
import signal
import sys

with os.fdopen(int(sys.argv[1]), "w", buffering=1) as answers:
    if "never" in os.environ.get("SCRIPT", ""):
        print("ImportError: no torch")
        sys.exit(3)
    print(json.dumps({"kind": "ready"}), file=answers)
    for line in sys.stdin:
        task = json.loads(line)
        deed = task["levels"]["deed"]
        print(f"noise before {deed}")
        sys.stdout.flush()
        if deed == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if deed == "exit":
            print("the last words", file=sys.stderr)
            os._exit(7)
        if deed == "half":
            answers.write('{"kind": ')
            answers.flush()
            os._exit(0)
        if deed == "fails":
            print(json.dumps({"kind": "failed", "error": "InputError: no"}), file=answers)
        elif deed == "spent":
            print(json.dumps({"kind": "failed", "error": "RuntimeError: x", "spent": True}), file=answers)
            break
        else:
            seconds = float(os.getpid())
            print(json.dumps({"kind": "done", "seconds": seconds, "validation_ap": 0.5}), file=answers)
