#!/usr/bin/env python3
"""The process that reads what strangers send: killed again and again, stopped, and killed by what it reads, while feeds go on. The daemon lives, no
post is lost or doubled, the others are read meanwhile; no reader outlives its daemon. Then the daemon behind Landlock. Prints "N passed, N failed"."""
import ctypes
import os
import random
import signal
import time

import support
from support import Checks, Daemon, FeedHost, Folder, Webhook, wait_for

FEEDS, SECONDS = 12, 8


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def landlock():
    """The kernel's version of it, 0: none (landlock_create_ruleset, the same number everywhere)."""
    return max(0, ctypes.CDLL(None).syscall(444, None, 0, 1))


class Bench:
    def __init__(self, options=()):
        self.folder = Folder()
        path = self.folder.path
        self.hook = Webhook(os.path.join(path, "told.jsonl"))
        self.feed = FeedHost(os.path.join(path, "fed.jsonl"))
        self.daemon = Daemon(self.folder, support.free_port())
        self.daemon.options = options
        self.folder.write("hook.secret", support.SECRET)
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"},
                     {"name": "notes", "type": "log", "path": "notes/told.log"}]
        os.mkdir(os.path.join(path, "notes"))
        sources = [{"name": f"feed-{i}", "type": "feed", "url": f"http://127.0.0.1:{self.feed.port}/rss?{i}", "every": "150ms", "min_every": "100ms",
                    "start": "all"} for i in range(FEEDS)]
        self.folder.write("earshot.yaml", support.config(self.daemon.port, sources, receivers))

    def posts(self):
        return [(row["origin"], row["native"]) for row in self.daemon.rows("SELECT origin, native FROM post")]

    def metric(self, name):
        lines = self.daemon.call("GET", "/metrics")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + " "))

    def close(self):
        self.daemon.kill()
        self.feed.close()
        self.hook.close()
        self.folder.__exit__()


def everything(bench, items):
    there = set(bench.posts())
    return len(there) == FEEDS * items and {native for _, native in there} == {f"item-{k}" for k in range(items)}


def killed(checks):
    bench, dice = Bench(), random.Random(7)
    try:
        bench.daemon.start()
        checks.that(wait_for(lambda: len(bench.daemon.readers()) == 1, 5), "it begins one reader", str(bench.daemon.readers()))
        daemon, until, items, kills = bench.daemon.process.pid, time.monotonic() + SECONDS, 0, 0
        while time.monotonic() < until:
            bench.feed.add(f"item-{items}", "Ann", f"Item {items}: the lamp is {items} years old")
            items += 1
            for pid in bench.daemon.readers():
                os.kill(pid, signal.SIGKILL)
                kills += 1
            time.sleep(dice.uniform(0.05, 0.4))
        checks.that(wait_for(lambda: everything(bench, items), 20), "all posts of all feeds are there", f"{len(bench.posts())} of {items * FEEDS}")
        checks.that(len(bench.posts()) == len(set(bench.posts())), "none is there twice")
        aside = bench.daemon.rows("SELECT count(*) AS n FROM quarantine")[0]["n"]
        checks.that(aside == 0, "none is set aside for a death that was not its own", str(aside))
        checks.that(bench.daemon.running() and bench.daemon.process.pid == daemon, "the daemon is the same process")
        again = bench.metric("earshot_reader_restarts_total")
        checks.that(again >= kills / 2 and bench.metric("earshot_reader_up") == 1, "the readers are counted", f"{again} of {kills}")

        reader = bench.daemon.readers()[0]
        os.kill(reader, signal.SIGSTOP)
        bench.feed.add(f"item-{items}", "Ann", "One more")
        checks.that(wait_for(lambda: everything(bench, items + 1), 25) and not alive(reader), "one that stands still is replaced")
        print(f"figure: {kills} kills of the reader in {SECONDS} s, {items * FEEDS} posts, 0 lost, 0 doubled")

        last = bench.daemon.readers()
        bench.daemon.kill()
        checks.that(wait_for(lambda: not any(alive(pid) for pid in last), 2), "kill -9 of the daemon leaves no reader")
        bench.daemon.start()
        wait_for(bench.daemon.readers, 5)
        last = bench.daemon.readers()
        bench.daemon.process.send_signal(signal.SIGHUP)
        time.sleep(1)
        checks.that(bench.daemon.readers() == last, "a reload keeps it")
        for pid in last:
            os.kill(pid, signal.SIGTERM)  # as systemd does with the whole group
        time.sleep(0.3)
        checks.that(all(alive(pid) for pid in last), "SIGTERM is not for the reader")
        checks.that(bench.daemon.stop() == 0 and not any(alive(pid) for pid in last), "SIGTERM of the daemon ends both")
    finally:
        bench.close()


def fenced(checks):
    """Landlock: what the daemon needs goes on; a file elsewhere that its configuration begins to name is not written."""
    bench = Bench(["--landlock"])
    try:
        bench.feed.add("item-0", "Ann", support.SMOKE)
        bench.daemon.start()
        checks.that(wait_for(lambda: everything(bench, 1), 20) and wait_for(bench.hook.log, 10), "behind Landlock it reads and pages")
        said = "nothing is written elsewhere" if landlock() else "this kernel has no Landlock"
        checks.that(said in bench.daemon.log(), "it says what it did", bench.daemon.log()[:500])
        with Folder() as outside:
            name = os.path.join(outside.path, "told.log")
            text = open(bench.daemon.config, encoding="utf-8").read()
            bench.folder.write("earshot.yaml", text.replace("notes/told.log", name))
            checks.that("notes/told.log" in text and bench.daemon.call("POST", "/-/reload")[0] == 200, "it reloads")
            tested = bench.daemon.call("POST", "/api/v1/receivers/notes/test", {})[0]
            checks.that(tested < 300, "a message for it is queued", str(tested))
            time.sleep(1)
            checks.that(os.path.exists(name) == (landlock() == 0), "a file elsewhere is not written" if landlock() else "without Landlock it is written",
                        str(os.path.exists(name)))
        checks.that(bench.daemon.stop() == 0, "it ends in order")
        print(f"figure: Landlock version {landlock()}" if landlock() else "figure: no Landlock in this kernel; what was proved: nothing is forbidden then")
    finally:
        bench.close()


if __name__ == "__main__":
    result = Checks()
    killed(result)
    fenced(result)
    result.end()
