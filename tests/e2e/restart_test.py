#!/usr/bin/env python3
"""How earshotd ends and begins: SIGTERM in the middle of deliveries, a second SIGTERM, SIGHUP with good and bad files, a second process on
the same database, a full disk, a folder it may not write. Needs root for the last two (tmpfs)."""
import os
import random
import re
import signal
import subprocess
import threading
import time

import support
from support import Checks, Daemon, FeedHost, Folder, Webhook, wait_for


WORDS = "kettle router kitchen balcony hallway cellar attic garage porch studio".split()


class Bench:
    def __init__(self, every="200ms"):
        self.folder = Folder()
        path = self.folder.path
        self.hook = Webhook(os.path.join(path, "told.jsonl"))
        self.feed = FeedHost(os.path.join(path, "fed.jsonl"))
        self.daemon = Daemon(self.folder, support.free_port())
        self.folder.write("hook.secret", support.SECRET)
        self.n, self.dice = 0, random.Random(1)
        self.text = self.configure(every)

    def configure(self, every, extra=""):
        sources = [{"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{self.feed.port}/rss", "every": every,
                    "min_every": "100ms", "start": "all"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        text = support.config(self.daemon.port, sources, receivers, extra=extra)
        self.folder.write("earshot.yaml", text)
        return text

    def feed_items(self, count, padding=0):
        for _ in range(count):
            self.n += 1
            words = [f"{self.dice.choice(WORDS)}{self.dice.randrange(10**6)}" for _ in range(12 + padding)]
            self.feed.add(f"item-{self.n}", f"Customer {self.n}", f"{support.SMOKE} in the {' '.join(words)}")

    def posts(self):
        return self.daemon.rows("SELECT count(*) AS n FROM post")[0]["n"]

    def close(self):
        self.daemon.kill()
        self.feed.close()
        self.hook.close()
        self.folder.__exit__()


def drains(checks):
    bench = Bench()
    try:
        bench.hook.slow_all = 3.0
        bench.daemon.start()
        bench.feed_items(3)
        checks.that(wait_for(lambda: len(bench.hook.log()) >= 1, 15), "a delivery is in flight")
        began = time.monotonic()
        code = bench.daemon.stop(30)
        took = time.monotonic() - began
        checks.that(code == 0 and took <= 20, "SIGTERM waits for deliveries and ends with 0", f"{code} after {took:.1f} s")
        states = {row["state"] for row in bench.daemon.rows("SELECT state FROM outbox WHERE attempts > 0")}
        checks.that(states == {"ok"}, "what was in flight has ended and is known", str(states))
        print(f"figure: SIGTERM in the middle of deliveries that take up to 3 s: ended after {took:.1f} s")
        bench.hook.slow_all = 0.0
        bench.daemon.start()
        wait_for(lambda: not bench.daemon.rows("SELECT 1 FROM outbox WHERE state != 'ok'"), 15)
        bench.daemon.stop()
        keys = [row["key"] for row in bench.hook.log()]
        checks.that(len(keys) == len(set(keys)), "nothing is told twice after it", f"{len(keys)} {len(set(keys))}")

        bench.hook.slow_all = 30.0
        bench.daemon.start()
        bench.feed_items(1)
        checks.that(wait_for(lambda: len(bench.hook.log()) > len(keys), 15), "another delivery is in flight")
        began = time.monotonic()
        bench.daemon.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        bench.daemon.process.send_signal(signal.SIGHUP)  # a reload that comes late is no reason to die
        time.sleep(0.5)
        checks.that(bench.daemon.running(), "SIGHUP while it drains changes nothing")
        bench.daemon.process.send_signal(signal.SIGTERM)
        code = bench.daemon.process.wait(10)
        took = time.monotonic() - began
        checks.that(code == 143 and took < 5, "a second SIGTERM ends it at once", f"{code} after {took:.1f} s")
        bench.hook.slow_all = 0.0
        bench.daemon.start()
        checks.that(wait_for(lambda: not bench.daemon.rows("SELECT 1 FROM outbox WHERE state != 'ok'"), 15),
                    "what was cut off is told after the next start")
        counts = [sum(1 for row in bench.hook.log() if row["key"] == key) for key in {row["key"] for row in bench.hook.log()}]
        checks.that(max(counts) <= 2, "under the same key, once more", str(counts))
    finally:
        bench.close()


def reloads(checks):
    bench = Bench()
    try:
        bench.daemon.start()
        bench.feed_items(1)
        checks.that(wait_for(lambda: bench.posts() == 1, 10), "it reads")
        bench.folder.write("earshot.yaml", bench.text.replace("escalation: standard", "escalaton: standard"))
        bench.daemon.process.send_signal(signal.SIGHUP)
        refused = wait_for(lambda: "configuration refused" in bench.daemon.log(), 10)
        checks.that(refused and "escalaton" in bench.daemon.log(), "SIGHUP with a mistake is refused with the line")
        status, text, _ = bench.daemon.call("POST", "/-/reload", headers={"X-Earshot-Person": "jo"})
        checks.that(status == 422 and "escalaton" in text, "the API says the same", f"{status} {text[:200]}")
        metrics = bench.daemon.call("GET", "/metrics")[1]
        checks.that(re.search(r"^earshot_config_last_reload_success 0", metrics, re.M), "the metric shows it")
        bench.feed_items(1)
        checks.that(wait_for(lambda: bench.posts() == 2, 10), "the old configuration goes on")
        os.unlink(bench.daemon.config)
        bench.daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        bench.feed_items(1)
        checks.that(wait_for(lambda: bench.posts() == 3, 10), "without the file as well")
        bench.folder.write("earshot.yaml", bench.text)
        for _ in range(20):
            bench.daemon.process.send_signal(signal.SIGHUP)
            time.sleep(0.02)
        good = wait_for(lambda: re.search(r"^earshot_config_last_reload_success 1", bench.daemon.call("GET", "/metrics")[1], re.M), 10)
        bench.feed_items(1)
        checks.that(good and wait_for(lambda: bench.posts() == 4, 10), "a good file is taken over, also twenty times in a row")
        checks.that(bench.daemon.stop() == 0, "and it ends")
    finally:
        bench.close()


def reloads_at_once(checks):
    """Signals and requests together: each is carried out, and one after the other."""
    bench = Bench("1s")
    try:
        bench.daemon.start()
        answers = []

        def ask():
            for _ in range(5):
                try:
                    answers.append(bench.daemon.call("POST", "/-/reload", headers={"X-Earshot-Person": "jo"}, timeout=30)[0])
                except OSError as error:
                    answers.append(str(error))

        askers = [threading.Thread(target=ask) for _ in range(6)]
        for one in askers:
            one.start()
        for _ in range(20):
            if bench.daemon.running():
                bench.daemon.process.send_signal(signal.SIGHUP)
            time.sleep(0.02)
        for one in askers:
            one.join()
        checks.that(answers == [200] * 30 and bench.daemon.running(), "reloads at once are carried out one by one", str(set(answers)))
        bench.feed_items(3)
        checks.that(wait_for(lambda: bench.posts() == 3, 20), "and the sources are read", str(bench.posts()))
        checks.that(bench.daemon.stop() == 0, "and it ends well")
    finally:
        bench.daemon.kill()
        bench.close()


def second_process(checks):
    bench = Bench()
    try:
        bench.daemon.start()
        with open(os.path.join(bench.folder.path, "second.yaml"), "w", encoding="utf-8") as file:
            file.write(bench.text.replace(str(bench.daemon.port), str(support.free_port())))
        os.chmod(file.name, 0o600)
        second = subprocess.run([support.program("earshotd"), "--config", file.name, "--store", bench.daemon.db], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=30, check=False)
        checks.that(second.returncode == 78 and f"in use by process {bench.daemon.process.pid}" in second.stdout,
                    "a second process on the database is refused and told the first one's pid", f"{second.returncode} {second.stdout[-300:]}")
        bench.feed_items(1)
        checks.that(wait_for(lambda: bench.posts() == 1, 10), "the first goes on")
        bench.daemon.kill()
        bench.daemon.start()
        checks.that(bench.daemon.running(), "the lock of a killed process is no hindrance")
    finally:
        bench.close()


def full_disk(checks):
    bench = Bench()
    disk = os.path.join(bench.folder.path, "disk")
    os.mkdir(disk)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], stderr=subprocess.PIPE, text=True, check=False)
    try:
        if not checks.that(mounted.returncode == 0, "a small disk can be mounted", mounted.stderr):
            return
        bench.daemon.db = os.path.join(disk, "earshot.db")
        bench.daemon.start()
        bench.feed_items(2)
        checks.that(wait_for(lambda: bench.posts() == 2, 10), "it works with room")
        with open(os.path.join(disk, "filler"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        bench.feed_items(200, 100)
        codes = []
        for _ in range(4):  # more often than the poison guard would forgive
            if not wait_for(lambda: not bench.daemon.running(), 15):
                break
            codes.append(bench.daemon.process.returncode)
            bench.daemon.launch()
        checks.that(codes and set(codes) == {75}, "a full disk ends it with 75, each time", str(codes))
        checks.that("disk full" in bench.daemon.log(), "and says why")
        bench.daemon.kill()
        os.unlink(os.path.join(disk, "filler"))
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        bench.daemon.start()
        checks.that(wait_for(lambda: bench.posts() == 202, 30), "with room again everything is there", str(bench.posts()))
        checks.that(bench.daemon.rows("SELECT count(*) AS n FROM quarantine")[0]["n"] == 0, "no item is blamed for the disk")
        checks.that(bench.daemon.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}], "the database is whole")
        bench.daemon.stop()

        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        bench.daemon.launch()
        code = bench.daemon.process.wait(30)
        log = bench.daemon.log()[-600:]
        checks.that(code == 78 and "Read-only file system" in log and disk in log, "a folder that cannot be written: 78 and the reason",
                    f"{code} {log}")
    finally:
        bench.daemon.kill()
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", disk], check=False)
        bench.close()


if __name__ == "__main__":
    result = Checks()
    drains(result)
    reloads(result)
    reloads_at_once(result)
    second_process(result)
    full_disk(result)
    result.end()
