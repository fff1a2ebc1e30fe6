#!/usr/bin/env python3
"""The daemon makes backups by itself (P20): under load, every ten seconds, the newest two kept; it is killed in the middle, the newest is
restored with the same head, and what was said since is read again; a folder that cannot be is told, and mended by a reload; a copy under
way does not keep a SIGTERM waiting. Prints "N passed, N failed" last."""
import json
import os
import re
import signal
import subprocess
import time

import support
from support import Checks, Daemon, FeedHost, Folder, Webhook, wait_for

NAME = re.compile(r"earshot-\d{8}T\d{6}Z\.db")


class Bench:
    def __init__(self, folder):
        self.folder, self.copies = folder, os.path.join(folder.path, "copies")
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.feed = FeedHost(os.path.join(folder.path, "fed.jsonl"))
        self.daemon = Daemon(folder, support.free_port())
        folder.write("hook.secret", support.SECRET)
        self.configure(self.copies)
        self.n = 0

    def configure(self, directory):
        sources = [{"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{self.feed.port}/rss", "every": "300ms",
                    "min_every": "100ms", "start": "all"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        backup = {"directory": directory, "every": "10s", "keep": 2, "keep_days": 0}
        extra = f"store: {{path: {json.dumps(self.daemon.db)}, backup: {json.dumps(backup)}}}"
        self.folder.write("earshot.yaml", support.config(self.daemon.port, sources, receivers, extra=extra))

    def say(self, count=1):
        for _ in range(count):
            self.n += 1
            self.feed.add(f"item-{self.n}", f"Customer {self.n}", f"my Brightwave lamp number {self.n} is broken, nobody answers {self.n * 7919}")

    def names(self):
        return sorted(it for it in os.listdir(self.copies) if NAME.fullmatch(it)) if os.path.isdir(self.copies) else []

    def posts(self):
        return self.daemon.rows("SELECT count(*) AS n FROM post")[0]["n"]

    def gauge(self, name):
        for line in self.daemon.call("GET", "/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None

    def tool(self, *words):
        done = subprocess.run([support.program("earshot"), *words], cwd=self.folder.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=120, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def close(self):
        self.daemon.kill()
        self.feed.close()
        self.hook.close()


def by_itself(checks, bench):
    bench.say(20)
    bench.daemon.start()
    checks.that(wait_for(bench.names, 20), "the first copy is made within seconds of the start")
    checks.that(oct(os.stat(bench.copies).st_mode & 0o777) == "0o700", "the folder is its owner's alone")
    seen = set(bench.names())
    until = time.monotonic() + 60
    while len(seen) < 4 and time.monotonic() < until:
        bench.say()
        time.sleep(0.2)
        seen |= set(bench.names())
    checks.that(len(seen) >= 4, "more follow", str(seen))
    checks.that(wait_for(lambda: bench.names() == sorted(seen | set(bench.names()))[-2:], 5), "the newest two stay", str(bench.names()))
    newest = bench.names()[-1]
    code, said, why = bench.tool("ledger", "verify", "--db", os.path.join("copies", newest))
    checks.that(code == 0, "the chain of a copy holds", said + why)
    checks.that(bench.gauge("earshot_backup_last_success_timestamp_seconds") > time.time() - 30, "its time is a metric")
    code, said, _ = bench.tool("doctor", "--config", "earshot.yaml", "--offline", "--json")
    mine = [json.loads(it) for it in said.splitlines() if '"backups"' in it]
    checks.that(code == 0 and mine and mine[0]["state"] == "ok", "doctor knows how old the newest is", said)


def killed_and_restored(checks, bench):
    bench.say(5)
    checks.that(wait_for(lambda: bench.posts() == bench.n, 15), "all is read")
    bench.daemon.kill()
    newest = os.path.join("copies", bench.names()[-1])
    head = json.loads(bench.tool("ledger", "verify", "--db", newest)[1])
    code, said, why = bench.tool("restore", newest, "--db", bench.daemon.db)
    restored = json.loads(said) if code == 0 else {}
    checks.that(code == 0 and restored["head"] == head["head"], "the newest copy is restored", said + why)
    bench.daemon.start()
    checks.that(wait_for(lambda: bench.posts() == bench.n, 15), "what was said since is read again", f"{bench.posts()} of {bench.n}")
    numbers = [row["native"] for row in bench.daemon.rows("SELECT native FROM post")]
    checks.that(len(numbers) == len(set(numbers)), "each once")


def cannot_be(checks, bench):
    nowhere = os.path.join(bench.folder.path, "told.jsonl", "copies")  # below a file
    bench.configure(nowhere)
    os.kill(bench.daemon.process.pid, signal.SIGHUP)
    checks.that(wait_for(lambda: "no backup" in bench.daemon.log() and nowhere in bench.daemon.log(), 20), "why there is none is in the log")
    failed = [it for it in bench.daemon.call("GET", "/metrics")[1].splitlines() if it.startswith('earshot_backups_total{result="failed"}')]
    checks.that(failed and float(failed[0].split()[-1]) >= 1, "and counted", str(failed))
    checks.that(bench.daemon.ready(), "the daemon goes on")
    before = bench.names()
    bench.configure(bench.copies)
    os.kill(bench.daemon.process.pid, signal.SIGHUP)
    checks.that(wait_for(lambda: bench.names() != before, 25), "a reload mends it")


def term_in_a_copy(checks, bench):
    """A database that takes a while to copy; it is stopped in the middle, and nothing of the copy stays."""
    bench.daemon.stop()
    link = support.sqlite3.connect(bench.daemon.db)
    link.execute("CREATE TABLE ballast_of_a_test(x)")
    for _ in range(40):
        link.execute("INSERT INTO ballast_of_a_test WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
                     "SELECT hex(randomblob(500)) FROM n")
    link.commit()
    link.close()
    bench.daemon.start()

    def partial():
        return [it for it in os.listdir(bench.copies) if it.endswith(".partial")]
    checks.that(wait_for(partial, 30, 0.01), "a copy is under way")
    began = time.monotonic()
    code = bench.daemon.stop()
    took = time.monotonic() - began
    checks.that(code == 0 and took < 5, f"SIGTERM in the middle of a copy: ended after {took:.1f} s", str(code))
    checks.that(not partial(), "nothing of it stays", str(os.listdir(bench.copies)))


def main():
    checks = Checks()
    with Folder() as folder:
        bench = Bench(folder)
        try:
            for part in (by_itself, killed_and_restored, cannot_be, term_in_a_copy):
                part(checks, bench)
        finally:
            bench.close()
    checks.end()


if __name__ == "__main__":
    main()
