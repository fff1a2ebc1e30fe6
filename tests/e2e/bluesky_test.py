#!/usr/bin/env python3
"""BlueskySource against the reference AT Protocol network (tests/servers/atproto.sh), started here with its production rate limits:
a mention posted there becomes a post, a deleted one is told, an expired token is refreshed, too many sign-ins are answered with a
wait. Fails where the network cannot be started. Prints "N passed, N failed" last."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SERVERS = os.path.join(os.path.dirname(HERE), "servers")
ROOT = os.path.dirname(os.path.dirname(HERE))
TESTS = ["A mention is posted, found, taken back and the token expires", "Too many sign-ins are answered with a wait"]


def free_ports(count=12):
    """A port with the ones behind it free: the network takes a row of them."""
    for base in range(53600, 60000, 20):
        held = []
        try:
            for port in range(base, base + count):
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
    raise SystemExit("no row of free ports")


def program():
    for build in (os.environ.get("EARSHOT_BUILD", ""), *(os.path.join(ROOT, "build", name) for name in ("release", "dev", "asan"))):
        path = os.path.join(build, "tests", "test_sources")
        if build and os.access(path, os.X_OK):
            return path
    raise SystemExit("test_sources is not built")


def main():
    port = str(free_ports())
    script = os.path.join(SERVERS, "atproto.sh")
    with tempfile.TemporaryDirectory(prefix="earshot-atproto-") as root:
        os.chmod(root, 0o755)  # PostgreSQL runs as a user of its own
        environment = dict(os.environ, SRV_ROOT=root, RATE_LIMITS="1")
        try:
            started = subprocess.run(["bash", script, "start", port], env=environment, stdout=subprocess.PIPE, timeout=900, text=True)
            if started.returncode != 0:
                print("the AT Protocol network did not start")
                return 0, len(TESTS)
            info = json.loads(started.stdout.strip().splitlines()[-1])
            told = dict(os.environ, EARSHOT_PDS=info["pds"], EARSHOT_PDS_CONTROL=info["control"])
            run = subprocess.run([program(), "--gtest_also_run_disabled_tests", "--gtest_filter=*BlueskyNetwork*"], env=told,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, text=True)
            print(run.stdout)
            passed = re.search(r"\[  PASSED  \] (\d+) test", run.stdout)
            good = int(passed.group(1)) if passed else 0
            return good, len(TESTS) - good if good < len(TESTS) else int(run.returncode != 0)
        finally:
            subprocess.run(["bash", script, "stop", port, "--purge"], env=environment, timeout=120, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    good, bad = main()
    print(f"{good} passed, {bad} failed")
    sys.exit(1 if bad else 0)
