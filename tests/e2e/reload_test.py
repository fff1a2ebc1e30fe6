#!/usr/bin/env python3
"""Reloads under load: the configuration is replaced again and again, by right ones and wrong ones in turn, while a feed grows and pages go
out. Every item is there once, a wrong file never takes effect, a right one always does, and the process stays the same. In --full 1,000
reloads. EARSHOT_RELOADS says another number. Prints "N passed, N failed" last."""
import json
import os
import random
import re
import threading
import time

import support
from support import Checks, Daemon, FeedHost, Folder, Webhook, wait_for

RELOADS = int(os.environ.get("EARSHOT_RELOADS", "1000" if support.FULL else "60"))
PLACES = "kettle router kitchen balcony hallway cellar attic garage porch studio cabin workshop".split()


def mistake(text, dice):
    """The same with one mistake that cannot be overlooked."""
    return dice.choice([text.replace("escalation: standard", "escalaton: standard"), text.replace("mode: live", "mode: lively"),
                        text.replace('"schedule:care"', '"schedule:nobody"'), text[:len(text) // 2] + "\n  : [", text.replace("via:", "vya:")])


class Bench:
    def __init__(self, folder):
        self.folder, self.dice, self.fed, self.stop = folder, random.Random(7), 0, threading.Event()
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.feed = FeedHost(os.path.join(folder.path, "fed.jsonl"))
        self.daemon = Daemon(folder, support.free_port())
        folder.write("hook.secret", support.SECRET)

    def text(self, number):
        """A right configuration; `number` shows in it which one is in force."""
        sources = [{"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{self.feed.port}/rss", "every": "200ms",
                    "min_every": "100ms", "start": "all"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"},
                     {"name": f"spare-{number}", "type": "log"}]
        return support.config(self.daemon.port, sources, receivers)

    def grow(self):
        while not self.stop.wait(0.1):
            self.fed += 1
            words = [f"{self.dice.choice(PLACES)}{self.dice.randrange(10**6)}" for _ in range(8)]
            hazard = self.fed % 5 == 0
            self.feed.add(f"item-{self.fed}", f"Customer {self.fed}",
                          f"{support.SMOKE if hazard else 'My Brightwave lamp stands'} in the {' '.join(words)}")
            if len(self.feed.items) > 300:  # a feed shows its newest items; these have been shown many times
                with self.feed.lock:
                    gone = len(self.feed.items) - 300
                    del self.feed.items[:gone]
                    self.feed.shown -= gone

    def reload(self, number, good):
        """Writes a file and reloads; True where the answer is the right one."""
        text = self.text(number)
        self.folder.write("earshot.yaml", text if good else mistake(text, self.dice))
        status, _, _ = self.daemon.call("POST", "/-/reload", headers={"X-Earshot-Person": "jo"}, timeout=60)
        return status == (200 if good else 422)


def main():
    checks = Checks()
    with Folder() as folder:
        bench = Bench(folder)
        folder.write("earshot.yaml", bench.text(0))
        bench.daemon.start()
        pid = bench.daemon.process.pid
        grower = threading.Thread(target=bench.grow)
        grower.start()
        began, wrong, slowest = time.monotonic(), [], 0.0
        try:
            for number in range(1, RELOADS + 1):
                at = time.monotonic()
                good = number % 2 == 0
                if not bench.reload(number, good):
                    wrong.append(number)
                slowest = max(slowest, time.monotonic() - at)
                time.sleep(0.05)
        finally:
            took = time.monotonic() - began
            bench.stop.set()
            grower.join()
        checks.that(not wrong, f"{RELOADS} reloads, each answered as its file deserves", str(wrong[:10]))
        checks.that(bench.daemon.running() and bench.daemon.process.pid == pid, "the process is the same")
        checks.that(bench.reload(RELOADS + 1, True), "a last right one is taken")
        stored = wait_for(lambda: bench.daemon.rows("SELECT count(*) AS n, count(DISTINCT native) AS d FROM post")[0]["n"] >= bench.fed, 30)
        row = bench.daemon.rows("SELECT count(*) AS n, count(DISTINCT native) AS d FROM post")[0]
        checks.that(stored and row["n"] == row["d"] == bench.fed, f"all {bench.fed} items are stored, each once", str(row))
        quiet = wait_for(lambda: not bench.daemon.rows("SELECT 1 FROM outbox WHERE state IN ('pending','started','uncertain')"), 60)
        told = {line["key"] for line in bench.hook.log() if line["result"] == "accepted"}
        keys = [row["message_id"] for row in bench.daemon.rows("SELECT message_id FROM outbox WHERE state = 'ok'")]
        checks.that(quiet and len(keys) >= max(1, bench.fed // 10) and len(told) >= len(set(keys)), "and what was to be told was told", f"{len(told)} {len(keys)}")
        metrics = bench.daemon.call("GET", "/metrics")[1]
        checks.that(re.search(r"^earshot_config_last_reload_success 1", metrics, re.M), "the metric shows the last one")
        checks.that(bench.daemon.stop() == 0, "it drains and stops")
        print(f"figure: {RELOADS} reloads in {took:.0f} s, half of them refused, beside a feed that grew by {bench.fed} items: "
              f"{bench.fed - row['d']} lost, the slowest reload took {slowest * 1000:.0f} ms")
        bench.feed.close()
        bench.hook.close()
    checks.end()


if __name__ == "__main__":
    main()
