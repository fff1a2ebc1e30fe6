#!/usr/bin/env python3
"""A person is erased from a store of many posts while others go on writing. Needs build/release.

    bench/erase.py [POSTS] [OF_THE_PERSON]     200,000 and 200 without

Two posts in a hundred open cases of their own. Prints what the erasure took from the outside, what it erased, and the longest time for
which a post that somebody else sent meanwhile waited for its commit; the same without an erasure for comparison."""
import http.client
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("EARSHOT_BUILD", ROOT / "build/release"))
CONFIG = """mode: live
company: {{name: Brightwave, handles: ["@Brightwave"], products: [{{name: Glow}}]}}
sources: [{{name: social, type: push}}]
people: [{{id: jo, contact: [{{via: told}}]}}]
receivers: [{{name: told, type: log, path: told.log}}]
route: {{team: care, receivers: [told]}}
web: {{listen: "127.0.0.1:{port}", open_on_loopback: true}}
log: {{level: warn}}
"""
WHO = "mara_velez"
WORDS = ("lamp", "box", "order", "delivery", "hotline", "app", "colour", "evening", "kitchen", "window", "morning", "shop", "sister", "garden",
         "letter", "weather", "music", "coffee", "bridge", "train", "summer", "river", "paper", "light", "street", "picture", "story")


def words(dice, count):
    return " ".join(dice.choice(WORDS) + str(dice.randrange(1000)) for _ in range(count))


def item(number, who, dice):
    complaint = number % 50 == 0 or (who == WHO and number % 10 == 0)
    text = f"@Brightwave my Glow is broken since Monday and nobody answers me, terrible service: {words(dice, 8)}" if complaint else words(dice, 20)
    return {"id": str(number), "author": {"id": who, "handle": who, "name": "Mara Velez-Quintero" if who == WHO else who}, "text": text,
            "url": f"https://social.example/@{who}/{number}", "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


class Api:
    def __init__(self, port):
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def call(self, method, path, body):
        self.link.request(method, "/api/v1" + path, json.dumps(body), {"Content-Type": "application/json", "X-Earshot-Person": "jo"})
        answer = self.link.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {text[:300]}")
        return json.loads(text)


def fill(api, posts, mine, dice):
    every = posts // mine
    for first in range(0, posts, 500):
        api.call("POST", "/posts?source=social",
                 [item(n, WHO if n % every == 0 else f"user{n * 7919 % 50000}", dice) for n in range(first, min(first + 500, posts))])


class Others(threading.Thread):
    """Somebody who sends a post every 20 ms, one after the other."""

    def __init__(self, port, first):
        super().__init__()
        self.api, self.next, self.ended, self.waits = Api(port), first, threading.Event(), []

    def run(self):
        dice = random.Random(7)
        while not self.ended.is_set():
            began = time.perf_counter()
            self.api.call("POST", "/posts?source=social", [item(self.next, "somebody", dice)])
            self.waits.append(time.perf_counter() - began)
            self.next += 1
            time.sleep(0.02)


def beside(port, first, work):
    """(what work() returned, the longest wait of others meanwhile, how long it took)"""
    others = Others(port, first)
    others.start()
    time.sleep(1)
    others.waits.clear()
    began = time.perf_counter()
    out = work()
    took = time.perf_counter() - began
    time.sleep(0.5)
    others.ended.set()
    others.join()
    return out, max(others.waits), took


def main():
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    mine = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        path = pathlib.Path(folder)
        (path / "earshot.yaml").write_text(CONFIG.format(port=port), encoding="utf-8")
        with open(path / "log", "wb") as log:
            daemon = subprocess.Popen([BUILD / "earshotd", "--config", path / "earshot.yaml", "--store", path / "earshot.db"], cwd=folder,
                                      stdout=log, stderr=log)
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            api = Api(port)
            fill(api, posts, mine, random.Random(1))
            size = (path / "earshot.db").stat().st_size / 2**20
            _, quiet, _ = beside(port, posts, lambda: time.sleep(5))
            done, wait, took = beside(port, posts + 100_000, lambda: api.call("POST", "/privacy/erase", {
                "author": WHO, "reason": "her letter", "confirm": WHO, "open": True}))
            print(f"{posts} posts, {size:.0f} MiB; erased {done['posts']} posts, {done['cases']} cases, {done['entries']} entries, "
                  f"{done['messages']} messages, clean {done['clean']}")
            print(f"the erasure took {took:.2f} s; another's commit waited at most {wait:.2f} s meanwhile, {quiet:.3f} s without it")
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    main()
