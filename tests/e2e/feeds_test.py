#!/usr/bin/env python3
"""FeedSource against nginx (tests/servers/feeds.sh), started here: conditional requests, redirects, refusals, pauses, charsets and
passwords of a real server. Fails where the server cannot be started. Prints "N passed, N failed" last."""
import os
import re
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = os.path.join(os.path.dirname(HERE), "servers", "feeds.sh")
ROOT = os.path.dirname(os.path.dirname(HERE))
TESTS = 6


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def program():
    for build in (os.environ.get("EARSHOT_BUILD", ""), *(os.path.join(ROOT, "build", name) for name in ("release", "dev", "asan"))):
        path = os.path.join(build, "tests", "test_sources")
        if build and os.access(path, os.X_OK):
            return path
    raise SystemExit("test_sources is not built")


def main():
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="earshot-feeds-") as root:
        os.chmod(root, 0o755)  # nginx reads as a user of its own
        environment = dict(os.environ, SRV_ROOT=root)
        try:
            started = subprocess.run(["bash", SERVER, "start", port], env=environment, stdout=subprocess.PIPE, timeout=300, text=True)
            told = re.search(r"(http://\S+) files=(\S+)", started.stdout)
            if started.returncode != 0 or not told:
                print("nginx did not start")
                return 0, TESTS
            run = subprocess.run([program(), "--gtest_also_run_disabled_tests", "--gtest_filter=*FeedNetwork*"],
                                 env=dict(os.environ, EARSHOT_FEEDS=told.group(1), EARSHOT_FEEDS_FILES=told.group(2)),
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, text=True)
            print(run.stdout)
            passed = re.search(r"\[  PASSED  \] (\d+) test", run.stdout)
            good = int(passed.group(1)) if passed else 0
            return good, TESTS - good
        finally:
            subprocess.run(["bash", SERVER, "stop", port, "--purge"], env=environment, timeout=60, check=False)


if __name__ == "__main__":
    good, bad = main()
    print(f"{good} passed, {bad} failed")
    sys.exit(1 if bad else 0)
