#!/usr/bin/env python3
"""Slow clients: as others write them - slowhttptest's slow heads (slowloris), and in --full slow bodies and slow readers, 300 connections
each - and ten of ours that ask for a lot and do not read it. The daemon holds 50 of them at most, ends those in its own time while the attack
goes on, and answers others within a second meanwhile. Prints "N passed, N failed" last."""
import http.client
import os
import shutil
import socket
import subprocess
import threading
import time

import support
from support import Checks, Daemon, Folder, Webhook, wait_for

# Options, path, and after how many seconds the server gives up (src/web/connection.hpp): a head and a body are late after 10 and 30; answers
# that the kernel has taken make an idle connection, which has 60.
KINDS = {"slow heads": (["-H", "-i", "3", "-x", "16"], "/", 10),
         "slow bodies": (["-B", "-i", "3", "-s", "8192", "-x", "16", "-t", "POST"], "/api/v1/posts?source=push", 30),
         "slow readers": (["-X", "-n", "3", "-w", "8", "-y", "16", "-z", "4", "-k", "10"], "/api/v1/openapi.json", 60)}
IN_NORMAL = ("slow heads",)
MARGIN = 5  # seconds
WATCHER = "127.0.0.7"  # one address may have 50 connections


def held_by_server(port, others=None):
    """Sockets of connections to the port that a process still has (what the kernel alone winds up has no inode); only those from `others`'
    ports where they are given."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] != "0A" and row[9] != "0" and
               (others is None or int(row[2].split(":")[1], 16) in others) for row in rows)


class Watch(threading.Thread):
    """Twice a second: (seconds since it began, how long an answer took, how many connections the server has)."""

    def __init__(self, port):
        super().__init__()
        self.port, self.done, self.began, self.seen = port, threading.Event(), time.monotonic(), []

    def asked(self):
        """Seconds that an answer took."""
        began = time.monotonic()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10, source_address=(WATCHER, 0))
        try:
            link.request("GET", "/-/healthy")
            return time.monotonic() - began if link.getresponse().status == 200 else 99.0
        except (OSError, http.client.HTTPException):
            return 99.0
        finally:
            link.close()

    def run(self):
        while not self.done.wait(0.5):
            number = held_by_server(self.port)
            self.seen.append((time.monotonic() - self.began, self.asked(), number))


def attack(port, kind):
    """What slowhttptest does to the server, as (slowest answer, most connections, seconds after which they were ended or None)."""
    options, path, limit = KINDS[kind]
    watch = Watch(port)
    watch.start()
    tool = subprocess.Popen(["slowhttptest", "-c", "300", "-r", "100", "-l", str(limit + 3 * MARGIN), "-p", "3", *options, "-u",
                             f"http://127.0.0.1:{port}{path}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(limit + 2 * MARGIN)
        going_on = tool.poll() is None  # it ends earlier where nothing is left to hold
    finally:
        tool.kill()
        tool.wait()
        watch.done.set()
        watch.join()
    most = max(number for _, _, number in watch.seen)
    held = [at for at, _, number in watch.seen if number > 5]
    print(f"     {kind}: {most} connections at most, held until second {held[-1] if held else 0:.1f}, "
          f"{'the attack goes on' if going_on else 'the attack gives up'}")
    return max(wait for _, wait, _ in watch.seen), most, held[-1] if held else None


def unread(port, seconds):
    """Ten clients that ask for 10 MiB of answers and read none, or (every other one) a little of it each second: after how many seconds the
    server has given them all up, None where it has not in `seconds`; and whether it was held up by them at all."""
    ask = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: earshot.example\r\n\r\n" * 300
    links = [socket.create_connection(("127.0.0.1", port), timeout=10, source_address=("127.0.0.8", 0)) for _ in range(10)]
    own, began, after = {link.getsockname()[1] for link in links}, time.monotonic(), None
    for link in links:
        link.sendall(ask)
    time.sleep(5)
    stuck = held_by_server(port, own) == len(links)
    while after is None and time.monotonic() - began < seconds:
        for link in links[::2]:
            try:
                link.recv(1024)
            except OSError:
                pass
        time.sleep(1)
        if held_by_server(port, own) == 0:
            after = time.monotonic() - began
    for link in links:
        link.close()
    return after, stuck


def main():
    checks = Checks()
    if not checks.that(shutil.which("slowhttptest"), "slowhttptest is installed"):
        checks.end()
    with Folder() as folder:
        hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        folder.write("hook.secret", support.SECRET)
        daemon = Daemon(folder, support.free_port())
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "secret_file": "hook.secret"}]
        folder.write("earshot.yaml", support.config(daemon.port, [{"name": "push", "type": "push"}], receivers))
        daemon.start()
        after, stuck = unread(daemon.port, 60)
        checks.that(stuck and after is not None and 25 <= after <= 30 + 2 * MARGIN, "who does not read is given up after 30 s", f"{after} {stuck}")
        print(f"figure: ten clients that did not read 10 MiB of answers were given up after {after or 99:.0f} s")
        for kind in KINDS if support.FULL else IN_NORMAL:
            slowest, most, held = attack(daemon.port, kind)
            checks.that(40 <= most <= 52, f"50 of 300 connections of {kind} are let in", str(most))
            checks.that(held is not None and held <= KINDS[kind][2] + MARGIN, f"{kind} are ended by the server", f"{held} s")
            checks.that(slowest < 1, f"others are answered beside {kind}", f"{slowest:.2f} s")
            print(f"figure: of 300 {kind} {most} connections at most, ended within {held or 99:.0f} s; the slowest answer to others beside them took "
                  f"{slowest * 1000:.0f} ms")
        checks.that(daemon.running() and wait_for(daemon.ready), "the server is well in the end")
        checks.that(daemon.stop() == 0, "it drains and stops")
        hook.close()
    checks.end()


if __name__ == "__main__":
    main()
