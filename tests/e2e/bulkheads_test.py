#!/usr/bin/env python3
"""Bulkheads (P13): a hundred feeds, each read every second; first all are well, then twenty are hostile in as many ways. The others are read as
before, and pages go out as before. Prints "N passed, N failed" last."""
import json
import random
import threading
import time

import support
from hostile_test import Host, good_feed
from real import HAZARD, Trial
from support import Checks, Folder, Webhook, wait_for

GOOD, BAD, SECONDS = 80, 20, 15
WAYS = ["slow_body", "slow_head", "slow_chunks", "slow_endless", "slow_body", "slow_head", "gzip_bomb", "brotli_bomb", "zstd_bomb", "deflate_bomb",
        "deep", "elements", "text_huge", "header_huge", "headers_many", "interim_flood", "chunk_huge", "quadratic_small", "no_http", "loop"]
WORDS = ("kitchen garden cellar window bedroom attic porch office garage stairs balcony winter monday evening morning holiday birthday carpet curtain "
         "yellow heavy quiet narrow broken wooden purple shiny velvet copper marble canvas rubber harbour village mountain river bridge station market "
         "painter baker teacher doctor plumber farmer sailor tailor coffee apple honey butter pepper sugar cherry walnut ladder hammer candle pillow").split()


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 99.0


class BulkheadTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(folder.path + "/told.jsonl")
        self.hosts = [support.Server(self.good) for _ in range(4)]  # requests to one host take turns
        self.host = Host()
        self.lock, self.read_at, self.dice = threading.Lock(), {}, random.Random(12)

    def good(self, handler, _):
        with self.lock:
            self.read_at.setdefault(handler.path, []).append(time.monotonic())
        support.reply(handler, 200, good_feed(20), "application/rss+xml")

    def sources(self, bad):
        def feed(name, url):
            return {"name": name, "type": "feed", "url": url, "every": "1s", "min_every": "1s", "start": "all"}

        out = [feed(f"good-{i}", f"http://127.0.0.1:{self.hosts[i % 4].port}/{i}") for i in range(GOOD)]
        if bad:
            out += [feed(f"bad-{i}", f"http://127.0.0.1:{self.host.port}/case/{way.removeprefix('slow_')}") for i, way in enumerate(WAYS)]
        else:
            out += [feed(f"bad-{i}", f"http://127.0.0.1:{self.hosts[i % 4].port}/b{i}") for i in range(BAD)]
        return out + [{"name": "push", "type": "push"}]

    def page(self, prefix, number):
        """Seconds from a hazard being sent in until a receiver, which is no person, has it."""
        words = " ".join(self.dice.sample(WORDS, 24))  # no two are near copies, which would be one storm
        began = time.time()
        self.push(f"{prefix}{number}: {HAZARD[number % len(HAZARD)]}. {words}.", prefix=f"{prefix}{number}x")
        told = wait_for(lambda: [it for it in self.hook.log() if it["t"] >= began and f"{prefix}{number}:" in it["body"]], 10, 0.005)
        return told[0]["t"] - began if told else 99.0

    def phase(self, name, bad):
        """The pauses between two reads of a good feed, and how long pages took."""
        hook = {"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}
        self.write(self.sources(bad), [hook], swap=[('notify: ["schedule:care"]', 'notify: ["receiver:hook"]')])
        self.read_at = {}
        self.daemon.start()
        until, pages = time.monotonic() + SECONDS, []
        while time.monotonic() < until:
            pages.append(self.page(name, len(pages)))
            time.sleep(0.3)
        with self.lock:
            reads = {path: list(at) for path, at in self.read_at.items() if not path.startswith("/b")}
        pauses = [b - a for at in reads.values() for a, b in zip(at, at[1:])]
        pauses += [until - at[-1] for at in reads.values()]  # one that is read no more
        health = [it for it in self.daemon.get("/api/v1/sources") if it["name"].startswith("bad-")]
        self.that(len(reads) == GOOD, f"{name}: all {GOOD} are read", str(len(reads)))
        self.that(self.daemon.running(), f"{name}: the daemon runs")
        self.daemon.stop()
        return pauses, pages, health

    def run(self):
        self.folder.write("hook.secret", support.SECRET)
        try:
            calm, calm_pages, _ = self.phase("calm", False)
            rough, rough_pages, health = self.phase("rough", True)
            refused = [it["name"] for it in health if it["failures"] or it["state"] != "well"]
            self.that(len(self.host.served) + len(self.host.ended) >= 10, "the hostile ones were read", json.dumps(self.host.served))
            self.that(len(refused) >= 10, "and refused", str(len(refused)))
            shift = percentile(rough, 0.99) - percentile(calm, 0.99)
            self.that(shift <= 1, "99 of 100 pauses of the others grew by a second at most", f"{shift:.2f} s")
            slower = percentile(rough_pages, 0.99) - percentile(calm_pages, 0.99)
            self.that(slower <= 1 and max(rough_pages) < 5, "pages go out as before", f"{slower:.3f} s, worst {max(rough_pages):.2f} s")
            print(f"figure: p99 between two reads of a good feed {percentile(calm, 0.99):.2f} s calm, {percentile(rough, 0.99):.2f} s beside {BAD} hostile "
                  f"of {GOOD + BAD}; page p99 {percentile(calm_pages, 0.99) * 1000:.0f} and {percentile(rough_pages, 0.99) * 1000:.0f} ms")
        finally:
            self.daemon.kill()
            self.hook.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        BulkheadTrial(place, result).run()
    result.end()
