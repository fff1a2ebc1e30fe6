#!/usr/bin/env python3
"""kill -9 of earshotd at random instants and at its calls into the kernel, between a growing feed and a webhook receiver. A checker
that trusts only the feed host's log, the receiver's log and the database looks for lost items, doubled cases and pages that were not
delivered or were delivered under two keys.

A point of the second part is (situation, thread, call, N, before or after): the process dies when that thread makes its Nth such call,
before the kernel sees it or once it has been done. Situations: a first start on no database; a start on a database whose last process
was killed. kill_at.c counts and kills; its counts are compared with strace's. EARSHOT_SEED repeats a run."""
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

SEED = int(os.environ.get("EARSHOT_SEED", str(random.SystemRandom().randrange(10**6))))
RANDOM_KILLS = 200 if support.FULL else 50
FIRST, LATER, BUDGET = 50, 250, 200  # points of a normal run in either situation, and the seconds they may take
AGAIN = 5  # points of the second situation on one database
COMPARED = {"pwrite64": "pwrite64 pwrite", "fdatasync": "fdatasync", "ftruncate": "ftruncate ftruncate64", "sendto": "send",
            "sendmsg": "sendmsg", "unlink": "unlink"}  # a system call and the names of kill_at.c for it
THINGS = "kettle router kitchen balcony hallway cellar attic garage porch studio cabin workshop office nursery library bakery".split()
VERBS = "sparked hissed cracked flared burst smouldered scorched exploded".split()


class Bench:
    """A folder with a feed host, a receiver and a daemon between them."""

    def __init__(self, dice):
        self.folder, self.dice, self.n, self.turn = Folder(), dice, 0, 0
        path = self.folder.path
        self.feed = FeedHost(os.path.join(path, "fed.jsonl"))
        self.hook = Webhook(os.path.join(path, "told.jsonl"), slow=0.1)
        self.daemon = Daemon(self.folder, support.free_port())
        self.folder.write("hook.secret", support.SECRET)
        sources = [{"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{self.feed.port}/rss", "every": "200ms",
                    "min_every": "100ms", "start": "all"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.folder.write("earshot.yaml", support.config(self.daemon.port, sources, receivers))

    def renew(self):
        """An empty database, an empty feed, empty logs."""
        self.turn += 1
        self.n = 0
        path = self.folder.path
        self.feed.empty(os.path.join(path, f"fed-{self.turn}.jsonl"))
        self.hook.path = os.path.join(path, f"told-{self.turn}.jsonl")
        for name in os.listdir(path):
            if name.startswith("earshot.db"):
                os.unlink(os.path.join(path, name))

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
        if len(fed) != self.n:
            out.append(f"{self.n - len(fed)} items were never read")
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


class Shim:
    """kill_at.c as a library, in a folder of its own."""

    def __init__(self, folder):
        self.library = os.path.join(folder.path, "kill_at.so")
        self.counts = os.path.join(folder.path, "counts")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, os.path.join(support.HERE, "kill_at.c"), "-ldl"], check=True)

    def counting(self):
        with open(self.counts, "wb") as file:
            file.write(bytes(512 * 64))
        return {"LD_PRELOAD": self.library, "KILL_COUNTS": self.counts}

    def killing(self, point):
        thread, call, n, when = point
        return {"LD_PRELOAD": self.library, "KILL_AT": f"{thread}:{call}:{n}:{when}"}

    def counted(self):
        """{(thread, call): count} of the last counting run."""
        with open(self.counts, encoding="utf-8", errors="replace") as file:
            words = [line.replace("\0", " ").split() for line in file]
        return {(row[0], row[1]): int(row[2]) for row in words if len(row) == 3}


def points_of(counts):
    return [(thread, call, n, when) for (thread, call), most in sorted(counts.items()) for n in range(1, most + 1)
            for when in ("before", "after")]


def enumerate_points(checks, shim):
    """Points of a first start, points of a later start."""
    bench = Bench(random.Random(SEED))
    try:
        found = []
        for _ in range(2):
            bench.feed_items(2)
            bench.daemon.launch(environment=shim.counting())
            wait_for(bench.quiet, 60)
            time.sleep(0.5)
            bench.daemon.kill()
            found.append(points_of(shim.counted()))
        bench.feed_items(2)
        trace = os.path.join(bench.folder.path, "trace")
        names = shim.counting()
        bench.daemon.launch(["strace", "-f", "-qq", "-o", trace, "-e", "trace=" + ",".join(COMPARED),
                             *(word for name, value in names.items() for word in ("-E", f"{name}={value}"))])
        wait_for(bench.quiet, 60)
        code = bench.daemon.stop_traced()
        with open(trace, encoding="utf-8", errors="replace") as file:
            traced = re.findall(r"^\d+ +(\w+)\(", file.read(), re.M)
        counts = shim.counted()
        for call, ours in COMPARED.items():
            seen = sum(count for (_, name), count in counts.items() if name in ours.split())
            checks.that(seen == traced.count(call), f"kill_at.c sees every {call}", f"{seen}, strace {traced.count(call)}; exit {code}")
        return found
    finally:
        bench.close()


class Points:
    """Kills at points, one database after another."""

    def __init__(self, shim, dice):
        self.shim, self.dice, self.ran, self.died, self.bad = shim, dice, 0, 0, []

    def one_database(self, bench, points):
        """points[0] on no database, the others on what the one before left."""
        bench.renew()
        for point in points:
            if point is None:
                continue
            bench.feed_items(2)
            bench.daemon.launch(environment=self.shim.killing(point))
            until, look = time.monotonic() + 6, 0.0
            while bench.daemon.running() and time.monotonic() < until:
                if time.monotonic() > look:
                    if bench.quiet():
                        break
                    look = time.monotonic() + 0.05
                time.sleep(0.003)
            self.died += not bench.daemon.running()
            self.ran += 1
            bench.daemon.kill()
        problems = bench.settle()
        if problems:
            self.bad.append(f"{points}: {problems[:4]}")


def syscall_kills(checks):
    if not checks.that(shutil.which("strace") and shutil.which("cc"), "strace and a C compiler are here"):
        return
    dice = random.Random(SEED)
    with Folder() as folder:
        shim = Shim(folder)
        first, later = enumerate_points(checks, shim)
        threads = sorted({point[0] for point in first + later})
        if not checks.that(min(len(first), len(later)) > 100 and len(threads) >= 3, "each thread has points", f"{len(first)} {len(later)} {threads}"):
            return
        every = len(first) + len(later)
        if support.FULL:
            first, later = dice.sample(first, len(first)), dice.sample(later, len(later))
        else:
            first, later = dice.sample(first, min(FIRST, len(first))), dice.sample(later, min(LATER, len(later)))
        kills, bench, began = Points(shim, dice), Bench(dice), time.monotonic()
        try:
            while (first or later) and (support.FULL or time.monotonic() - began < BUDGET):
                kills.one_database(bench, [first.pop() if first else None] + [later.pop() for _ in range(min(AGAIN, len(later)))])
        finally:
            bench.close()
    wanted = every if support.FULL else FIRST + LATER
    checks.that(kills.ran >= min(wanted, every) * 2 // 3, "most of the points were run in time", f"{kills.ran} of {wanted}")
    checks.that(not kills.bad, f"{kills.ran} kills at system calls: 0 lost, 0 doubled, each page delivered", " | ".join(kills.bad[:3]))
    checks.that(kills.died * 2 > kills.ran, "the kills hit the daemon while it worked", f"{kills.died} of {kills.ran}")
    print(f"figure: {kills.ran} of {every} points (situation, thread, call, n, before or after) of {len(threads)} threads run, seed {SEED}: "
          f"{kills.died} died there, the others at the end of their work; {len(kills.bad)} databases with problems, "
          f"{time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    result = Checks()
    random_kills(result)
    syscall_kills(result)
    result.end()
