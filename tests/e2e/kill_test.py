#!/usr/bin/env python3
"""kill -9 of earshotd at random instants and at system calls (strace inject), between a growing feed and a webhook receiver. A checker that
trusts only the feed host's log, the receiver's log and the database looks for lost items, doubled cases and pages that were not
delivered or were delivered under two keys."""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

import support
from support import Checks, Daemon, FeedHost, Folder, Webhook, wait_for

SEED = int(os.environ.get("EARSHOT_SEED", "1"))
RANDOM_KILLS = 200 if support.FULL else 50
SYSCALLS = "pwrite64 fdatasync ftruncate sendto recvfrom sendmsg recvmsg writev write openat unlink fcntl".split()
SAMPLED, BUDGET = 300, 240
BATCH = 10  # points on one database
THINGS = "kettle router kitchen balcony hallway cellar attic garage porch studio cabin workshop office nursery library bakery".split()
VERBS = "sparked hissed cracked flared burst smouldered scorched exploded".split()


class Bench:
    """A folder with a feed host, a receiver and a daemon between them."""

    def __init__(self, dice):
        self.folder, self.dice, self.n = Folder(), dice, 0
        path = self.folder.path
        self.feed = FeedHost(os.path.join(path, "fed.jsonl"))
        self.hook = Webhook(os.path.join(path, "told.jsonl"), slow=0.1)
        self.daemon = Daemon(self.folder, support.free_port())
        self.folder.write("hook.secret", support.SECRET)
        sources = [{"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{self.feed.port}/rss", "every": "200ms",
                    "min_every": "100ms", "start": "all"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.folder.write("earshot.yaml", support.config(self.daemon.port, sources, receivers))

    def feed_items(self, count):
        for _ in range(count):
            self.n += 1
            words = [self.dice.choice(THINGS) + str(self.dice.randrange(10**6)) for _ in range(12)]
            self.feed.add(f"item-{self.n}", f"Customer {self.n}",
                          f"Smoke came out of my Brightwave Glow lamp in the {words[0]}, it {self.dice.choice(VERBS)} and my daughter burnt "
                          f"her hand. We saw {' and '.join(words[1:])}. What now?")

    def quiet(self):
        """All fed items are in the database and nothing waits in the outbox."""
        if not os.path.exists(self.daemon.db):
            return False
        try:
            posts = self.daemon.rows("SELECT count(*) AS n FROM post WHERE origin IN (SELECT id FROM origin WHERE name LIKE '%letters%')")[0]["n"]
            waiting = self.daemon.rows("SELECT count(*) AS n FROM outbox WHERE state IN ('pending','uncertain','started')")[0]["n"]
        except Exception:  # the schema may not be there yet
            return False
        return posts >= self.n and waiting == 0

    def problems(self):
        """What is wrong in the history, as a list of lines."""
        out = []
        with open(self.feed.path, encoding="utf-8") as file:
            fed = {json.loads(line)["guid"] for line in file}
        posts = self.daemon.rows("SELECT p.native, p.case_id, o.name FROM post p JOIN origin o ON o.id = p.origin")
        cases = self.daemon.rows("SELECT id, number, urgency, body FROM cases")
        outbox = self.daemon.rows("SELECT * FROM outbox")
        seen = [row["native"] for row in posts]
        for guid in sorted(fed):
            count = sum(1 for it in seen if it == guid)
            if count != 1:
                out.append(f"{guid}: {count} posts")
        held = [row["case_id"] for row in posts if row["case_id"]]
        if len(set(held)) != len(held):
            out.append(f"{len(held) - len(set(held))} items share a case")
        strangers = {row["id"] for row in cases} - set(held)
        if strangers:
            out.append(f"{len(strangers)} cases without an item (doubled or empty)")
        if len(held) != len(seen):
            out.append(f"{len(seen) - len(held)} items without a case")
        told, accepted = self.hook.log(), {}
        for row in told:
            if row["result"] != "accepted":
                out.append(f"{row['key']}: {row['result']}")
            else:
                accepted[row["key"]] = accepted.get(row["key"], 0) + 1
        by_key = {row["message_id"]: row for row in outbox}
        out += [f"{key}: told, but not in the outbox" for key in accepted if key not in by_key]
        bodies = {}
        for row in outbox:
            if row["state"] != "ok":
                out.append(f"{row['message_id']}: {row['state']} after all: {row['result']}")
            if accepted.get(row["message_id"], 0) < 1:
                out.append(f"{row['message_id']}: never delivered")
            if accepted.get(row["message_id"], 0) - 1 > row["repeats"]:
                out.append(f"{row['message_id']}: told {accepted[row['message_id']]} times, {row['repeats']} repeats on record")
            place = (row["case_id"], row["receiver"], row["person"], row["step"], row["target"])
            bodies.setdefault(place, []).append(row["message_id"])
        out += [f"{place}: told under {len(keys)} keys" for place, keys in bodies.items() if len(keys) > 1]
        paged = {row["case_id"] for row in outbox if row["lane"] == 0}
        unpaged = [row["number"] for row in cases if row["urgency"] == "page" and row["id"] not in paged]
        if unpaged:
            out.append(f"cases {unpaged[:5]} are pages, but nobody was paged")
        if not any(row["urgency"] == "page" for row in cases):
            out.append("no case is a page: the test shows nothing")
        if self.daemon.rows("PRAGMA integrity_check") != [{"integrity_check": "ok"}]:
            out.append("integrity_check is not ok")
        return out

    def settle(self):
        """Runs to the end without kills, stops, and says what is wrong."""
        self.daemon.start(60)
        wait_for(self.quiet, 60)
        time.sleep(0.5)  # what would come too much may come now
        code = self.daemon.stop()
        return self.problems() + ([] if code == 0 else [f"SIGTERM ended it with {code}"])

    def close(self):
        self.daemon.kill()
        self.feed.close()
        self.hook.close()
        self.folder.__exit__()


def random_kills(checks):
    dice = random.Random(SEED)
    bench = Bench(dice)
    try:
        for _ in range(RANDOM_KILLS):
            bench.feed_items(dice.randrange(1, 6))
            bench.daemon.launch()
            time.sleep(dice.random() ** 2 * 1.2)
            bench.daemon.kill()
        bench.feed_items(3)
        problems = bench.settle()
        repeats = bench.daemon.rows("SELECT coalesce(sum(repeats), 0) AS n FROM outbox")[0]["n"]
        told = bench.hook.log()
        again = len(told) - len({row["key"] for row in told})
        checks.that(not problems, f"{RANDOM_KILLS} random kills, {bench.n} items: 0 lost, 0 doubled, each page delivered",
                    "; ".join(problems[:8]) + f" ({len(problems)} in all)")
        print(f"figure: {RANDOM_KILLS} random kills, {bench.n} items, {len({row['key'] for row in told})} messages, {again} repeated under "
              f"their own key, {repeats} possible repeats on record, {len(problems)} problems", flush=True)
    finally:
        bench.close()


def enumerate_points():
    """Every (system call, n) that a run of the daemon reaches; strace counts `when` per thread."""
    bench = Bench(random.Random(SEED))
    try:
        trace = os.path.join(bench.folder.path, "trace")
        bench.feed_items(3)
        bench.daemon.launch(["strace", "-f", "-qq", "--seccomp-bpf", "-o", trace, "-e", "trace=" + ",".join(SYSCALLS)])
        wait_for(bench.quiet, 60)
        time.sleep(0.5)
        bench.daemon.kill()
        most = {}
        counts = {}
        with open(trace, encoding="utf-8", errors="replace") as file:
            for line in file:
                found = re.match(r"(\d+) +(\w+)\(", line)
                if found:
                    counts[found.groups()] = counts.get(found.groups(), 0) + 1
        for (_, call), count in counts.items():
            most[call] = max(most.get(call, 0), count)
        return [(call, n) for call in SYSCALLS for n in range(1, most.get(call, 0) + 1)]
    finally:
        bench.close()


def syscall_kills(checks):
    if not checks.that(shutil.which("strace"), "strace is here"):
        return
    points = enumerate_points()
    if not checks.that(len(points) > 50, "a run has system calls to be killed at", str(len(points))):
        return
    dice = random.Random(SEED)
    chosen = points if support.FULL else dice.sample(points, min(SAMPLED, len(points)))
    dice.shuffle(chosen)
    began, ran, died, bad = time.monotonic(), 0, 0, []
    while ran < len(chosen) and (support.FULL or time.monotonic() - began < BUDGET):
        bench = Bench(dice)
        try:
            batch = chosen[ran:ran + BATCH]
            for call, n in batch:
                bench.feed_items(2)
                bench.daemon.launch(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                     f"inject={call}:signal=KILL:when={n}"])
                wait_for(lambda: not bench.daemon.running() or bench.quiet(), 6, 0.02)
                died += not bench.daemon.running()
                bench.daemon.kill()
            ran += len(batch)
            problems = bench.settle()
            if problems:
                bad.append(f"{batch}: {problems[:4]}")
        finally:
            bench.close()
    checks.that(not bad, f"{ran} kills at system calls: 0 lost, 0 doubled, each page delivered", " | ".join(bad[:3]))
    checks.that(died * 4 > ran, "the kills hit the daemon while it worked", f"{died} of {ran}")
    print(f"figure: {ran} of {len(points)} points of system calls run ({died} died there, the others at the end of their work), "
          f"{len(bad)} batches with problems, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    result = Checks()
    random_kills(result)
    syscall_kills(result)
    result.end()
