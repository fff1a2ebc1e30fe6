#!/usr/bin/env python3
"""A disk that is really full, a tmpfs of its own (P18): while somebody fills the last byte, the ballast is given up, no source is read, the
console answers, an acknowledgement is kept, the next step pages and the operators are told; a kill -9 changes nothing of it. Once there is
room, what was written meanwhile is read within a minute and the ballast is there again. Prints "N passed, N failed" last."""
import json
import os
import subprocess
import sys
import time

import support
from support import Checks, Daemon, FeedHost, Folder, Webhook, config, free_port, wait_for

MIB = 1 << 20
DISK, BALLAST = 400 * MIB, 20 * MIB


def alone():
    """A mount of our own, seen by nobody else; without root by way of a user namespace."""
    if os.environ.get("EARSHOT_ALONE"):
        return
    how = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    os.environ["EARSHOT_ALONE"] = "1"
    os.execvp(how[0], [*how, sys.executable, os.path.abspath(__file__)])


class Supervised(Daemon):
    """Started again where it ended with 75, as systemd does."""

    ends = 0

    def alive(self):
        if self.running():
            return True
        if self.process.returncode != 75:
            raise RuntimeError(f"ended with {self.process.returncode}:\n{self.log()[-1500:]}")
        self.ends += 1
        time.sleep(1)
        self.launch()
        return wait_for(self.ready, 20)

    def steady(self, what, seconds):
        """The first true answer of what() while it is kept alive."""
        def ask():
            try:
                return self.alive() and what()
            except (OSError, ValueError):
                return None
        return wait_for(ask, seconds, 0.2)

    def gauge(self, name):
        for line in self.call("GET", "/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None


def fill(path):
    """Writes until there is not a byte left; returns how many there were."""
    size = 0
    with open(path, "ab", buffering=0) as out:
        for piece in (MIB, 4096, 1):
            try:
                while True:
                    size += out.write(b"x" * piece)
            except OSError:
                pass
    return size


def main():
    alone()
    checks = Checks()
    with Folder() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "tmpfs", folder.path], check=True)
        try:
            trial(checks, folder, Folder())
            nothing_held_back(checks, folder, Folder())
        finally:
            subprocess.run(["umount", "--lazy", folder.path], check=False)
    checks.end()


def nothing_held_back(checks, disk, aside):
    """Where nothing is left to hold on to, the operators are told from memory, once."""
    for name in os.listdir(disk.path):
        os.unlink(os.path.join(disk.path, name))
    hook, feed = Webhook(os.path.join(aside.path, "hook")), FeedHost(os.path.join(aside.path, "feed"))
    disk.write("hook.secret", support.SECRET)
    daemon = Supervised(disk, free_port())
    daemon.options = ["--ballast", "0"]
    text = config(daemon.port, [{"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{feed.port}/rss", "every": "1s", "min_every": "1s", "start": "all"}],
                  [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "secret_file": "hook.secret"}])
    disk.write("earshot.yaml", text.replace("escalation: standard}\nrec", "escalation: standard, receivers: [hook]}\nrec"))
    said = lambda: [row for row in hook.log() if row["result"] == "accepted" and "cannot write its database" in row["body"]]
    try:
        os.environ["EARSHOT_LAST_WORDS_AFTER"] = "0s"
        daemon.start()
        os.environ["EARSHOT_LAST_WORDS_AFTER"] = "5m"  # what is started again has been up for too short a time
        fill(os.path.join(disk.path, "filler"))
        feed.add("last", "dora-q", support.SMOKE)
        checks.that(wait_for(lambda: not daemon.running(), 30), "without room and ballast it ends")
        checks.that(daemon.process.returncode == 75, "to be started again", str(daemon.process.returncode))
        checks.that(len(said()) == 1, "its last words are told", str([row["body"][:200] for row in hook.log()]))
        for _ in range(3):
            daemon.launch()
            wait_for(lambda: not daemon.running(), 10)
        checks.that(len(said()) == 1, "and not again by each that is started and ends", str(len(said())))
        os.unlink(os.path.join(disk.path, "filler"))
        daemon.kill()
        daemon.launch()
        checks.that(daemon.steady(lambda: [it for it in daemon.cases() if "dora-q" in json.dumps(it)], 30), "what was written meanwhile is read")
        checks.that(daemon.stop() == 0, "it ends in order")
    finally:
        os.environ.pop("EARSHOT_LAST_WORDS_AFTER", None)
        daemon.kill()
        hook.close()
        feed.close()
        aside.__exit__()


def trial(checks, disk, aside):
    """`disk` is the small one; what the test itself keeps lies `aside`."""
    hook, feed = Webhook(os.path.join(aside.path, "hook")), FeedHost(os.path.join(aside.path, "feed"))
    disk.write("hook.secret", support.SECRET)
    daemon = Supervised(disk, free_port())
    text = config(daemon.port, [{"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{feed.port}/rss", "every": "1s", "min_every": "1s", "start": "all"}],
                  [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "secret_file": "hook.secret"}])
    text = text.replace('after: 0m}]', 'after: 0m}, {notify: ["person:kim"], after: 30s}]').replace("escalation: standard}\nrec",
                                                                                                 "escalation: standard, receivers: [hook]}\nrec")
    disk.write("earshot.yaml", text)
    daemon.start()
    ballast = daemon.db + "-ballast"
    said = lambda word: [row for row in hook.log() if row["result"] == "accepted" and word in row["body"]]
    opened = lambda author: [it for it in daemon.cases() if author in json.dumps(it)]
    try:
        checks.that(os.path.getsize(ballast) == BALLAST, "a twentieth of the file system is held back", str(os.path.getsize(ballast)))
        feed.add("one", "annika-q", support.SMOKE)
        feed.add("two", "benno-q", "The plug of my Brightwave Glow lamp sparked and burnt my hand, the cable is black")
        checks.that(wait_for(lambda: len(opened("annika-q")) + len(opened("benno-q")) >= 2 and hook.log(), 30), "two hazards page")
        first, second = opened("annika-q")[0], opened("benno-q")[0]

        kims = lambda: daemon.rows("SELECT 1 FROM outbox WHERE case_id = ? AND person = 'kim' AND state = 'ok'", second["id"])
        early = bool(kims())
        began = time.monotonic()
        fill(os.path.join(disk.path, "filler"))
        checks.that(daemon.steady(lambda: daemon.gauge("earshot_disk_tight") == 1, 20), "the daemon sees that the disk is full")
        print(f"figure: intake held back {time.monotonic() - began:.1f} s after the last byte")
        checks.that(os.path.getsize(ballast) == 0, "the ballast is given up")
        checks.that(daemon.steady(lambda: said("disk_full"), 70), "the operators are told")
        print(f"figure: operators told {time.monotonic() - began:.1f} s after the last byte")
        feed.add("three", "cleo-q", "My Brightwave Glow lamp exploded and the curtain caught fire, we called the fire brigade")
        version = daemon.get(f"/api/v1/cases/{first['id']}").get("version")
        status, _, _ = daemon.call("POST", f"/api/v1/cases/{first['id']}/ack", {"version": version}, {"X-Earshot-Person": "jo"})
        checks.that(status == 200, "an acknowledgement is taken", str(status))
        checks.that(daemon.steady(lambda: "left: no source is read" in daemon.call("GET", "/-/ready")[1], 70), "readiness says what is wrong")
        kinds = [it["kind"] for it in daemon.get("/api/v1/findings").get("findings", [])]
        checks.that("disk_full" in kinds and "poll_late" not in kinds, "it is a finding, and the source that waits is none", str(kinds))
        checks.that("the disk is full" in json.dumps(daemon.get("/api/v1/sources")), "the source says why it is not read")
        checks.that(not early and daemon.steady(kims, 60), "the next step of the other pages", str(daemon.rows("SELECT case_id, person, step, state, not_before FROM outbox")))

        daemon.kill()
        daemon.launch()
        checks.that(daemon.steady(lambda: daemon.ready() and daemon.gauge("earshot_disk_tight") == 1, 30), "after kill -9 it is up and knows")
        checks.that(daemon.get(f"/api/v1/cases/{first['id']}").get("state") == "acknowledged", "the acknowledgement is there")
        time.sleep(7)
        checks.that(daemon.alive() and not opened("cleo-q"), "no source was read meanwhile")

        os.unlink(os.path.join(disk.path, "filler"))
        began = time.monotonic()
        checks.that(daemon.steady(lambda: opened("cleo-q"), 60), "what was written meanwhile is read within a minute")
        print(f"figure: resumed {time.monotonic() - began:.1f} s after there was room; ended {daemon.ends} times by a full disk")
        checks.that(os.path.getsize(ballast) == BALLAST and daemon.gauge("earshot_disk_tight") == 0, "the ballast is there again")
        checks.that(len(daemon.rows("SELECT 1 FROM post")) == 3, "nothing is lost, nothing double")
        checks.that(daemon.stop() == 0, "it ends in order")
    finally:
        daemon.kill()
        hook.close()
        feed.close()
        aside.__exit__()


main()
