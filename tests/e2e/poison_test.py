#!/usr/bin/env python3
"""The daemon dies over an item: while it reads it, judges it, files it. The third death sets the item aside; the others go on, and the
item can be replayed or dropped. Also: what cannot be read pages where it may be urgent; a full quarantine stops its source."""
import json
import os
import subprocess
import time

import support
from support import Checks, Daemon, FeedHost, Folder, Webhook, wait_for

POISON = "Smoke came out of my Brightwave Glow lamp, @Brightwave help: xyzzy"


class Bench:
    def __init__(self, sources, options=()):
        self.folder = Folder()
        path = self.folder.path
        self.hook = Webhook(os.path.join(path, "told.jsonl"))
        self.feed = FeedHost(os.path.join(path, "fed.jsonl"))
        self.daemon = Daemon(self.folder, support.free_port())
        self.daemon.options = options
        self.folder.write("hook.secret", support.SECRET)
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.folder.write("earshot.yaml", support.config(self.daemon.port, sources(self), receivers))

    def deaths(self, stage, most=6):
        """How often the daemon dies before it goes on; it runs at the end."""
        for death in range(most):
            self.daemon.launch(environment={"EARSHOT_CRASH_ON": f"{stage}:xyzzy"})
            wait_for(lambda: not self.daemon.running() or self.natives() >= {"item-1", "item-3"}, 20)
            if self.daemon.running():
                return death
            self.daemon.process.wait()
        return most

    def natives(self):
        try:
            return {row["native"] for row in self.daemon.rows("SELECT native FROM post")}
        except Exception:  # the schema may not be there yet
            return set()

    def command(self, *words):
        return subprocess.run([support.program("earshot"), "quarantine", *words, "--server", f"127.0.0.1:{self.daemon.port}", "--as", "jo"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, check=False)

    def close(self):
        self.daemon.kill()
        self.feed.close()
        self.hook.close()
        self.folder.__exit__()


def letters(bench):
    return [{"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{bench.feed.port}/rss", "every": "200ms", "min_every": "100ms",
             "start": "all"}]


def one_stage(checks, stage, reader="apart"):
    """Where the reader is a process of its own, that one dies of what it reads, and the daemon goes on."""
    bench = Bench(letters, ["--reader", reader])
    survives = stage == "read" and reader == "apart"
    stage = f"{stage} {reader}" if stage == "read" else stage
    try:
        bench.feed.add("item-1", "Ann", support.SMOKE + " in Bonn")
        bench.feed.add("item-2", "Bob", POISON)
        bench.feed.add("item-3", "Cid", support.SMOKE + " in Rome")
        deaths = bench.deaths(stage.split()[0])
        checks.that(deaths == (0 if survives else 3), f"{stage}: the third death is the last", str(deaths))
        if survives:
            checks.that(bench.daemon.log().count('event="the reader died over a document"') == 3, f"{stage}: so often the reader died")
        aside = bench.daemon.rows("SELECT id, native, raw, reason FROM quarantine")
        raw = aside[0]["raw"].decode() if aside else ""
        checks.that(len(aside) == 1 and "xyzzy" in raw and "several times" in aside[0]["reason"], f"{stage}: it is kept with its bytes",
                    str(aside))
        checks.that("item-2" not in bench.natives(), f"{stage}: it is no post")
        bench.feed.add("item-4", "Dot", support.SMOKE + " in Oslo")
        checks.that(wait_for(lambda: "item-4" in bench.natives(), 10), f"{stage}: the feed goes on")
        paged = wait_for(lambda: [row for row in bench.hook.log() if "Unreadable post" in row["body"]], 10)
        checks.that(len(paged or []) == 1, f"{stage}: somebody is paged for an unreadable post, once", str(len(paged or [])))
        checks.that(len(bench.daemon.rows("SELECT 1 FROM quarantine")) == 1, f"{stage}: each poll adds no copy of it")
        checks.that(bench.daemon.stop() == 0, f"{stage}: SIGTERM ends it")

        bench.daemon.start()  # without the fault: as after an update
        listed = bench.command("list").stdout.strip().splitlines()
        number = str(json.loads(listed[0])["id"]) if listed else "0"
        shown = bench.command("show", number).stdout
        done = bench.command("replay", number)
        checks.that(len(listed) == 1 and "xyzzy" in shown and done.returncode == 0, f"{stage}: it is replayed", done.stdout)
        words = bench.daemon.rows("SELECT count(*) AS n FROM post")[0]["n"]
        left = bench.daemon.rows("SELECT count(*) AS n FROM quarantine")[0]["n"]
        checks.that(words == 4 and left == 0, f"{stage}: then it is a post and leaves the quarantine", f"{words} posts, {left} aside")
        checks.that(bench.command("drop", number).returncode == 1, f"{stage}: an item that is gone is refused")
    finally:
        bench.close()


def full_quarantine(checks):
    """1,000 items may wait. The batch with the next one is undone, its source stops and says so; after a drop it goes on."""
    def journal(bench):
        return [{"name": "journal", "type": "replay", "path": "journal.jsonl", "follow": True, "every": "200ms"}]

    bench = Bench(journal)
    try:
        path = os.path.join(bench.folder.path, "journal.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"broken {i}\n" for i in range(1000))
        bench.daemon.start()
        count = lambda: bench.daemon.rows("SELECT count(*) AS n FROM quarantine")[0]["n"]
        checks.that(wait_for(lambda: count() == 1000, 20), "1,000 items are kept", str(count()))
        with open(path, "a", encoding="utf-8") as file:
            file.write("broken 1000\n" + json.dumps({"id": "after", "text": support.SMOKE}) + "\n")
        health = wait_for(lambda: [it for it in bench.daemon.get("/api/v1/sources") if it["state"] == "deaf"], 20)
        checks.that(health and "quarantine" in health[0]["text"], "the source stops and says why", str(health))
        checks.that(count() == 1000 and not bench.natives(), "nothing of the batch is stored, nothing dropped")
        told = wait_for(lambda: [row for row in bench.hook.log() if "cannot hear journal" in row["body"]], 20)
        checks.that(told, "somebody is paged for it")
        checks.that(bench.command("drop", "1", "2").returncode == 0, "items are dropped")
        bench.daemon.kill()  # its next try is a minute away: a restart tries at once
        bench.daemon.start()
        checks.that(wait_for(lambda: "after" in bench.natives() and count() == 999, 20), "with room again it goes on", str(count()))
        dropped = bench.daemon.rows("SELECT who FROM ledger WHERE kind = 'quarantine_dropped'")
        checks.that([row["who"] for row in dropped] == ["jo", "jo"], "the ledger keeps who dropped", str(dropped))
    finally:
        bench.close()


if __name__ == "__main__":
    result, began = Checks(), time.monotonic()
    for name in ("read", "judge", "file"):
        one_stage(result, name)
    one_stage(result, "read", "inside")
    full_quarantine(result)
    print(f"figure: three stages, one of them twice, a full quarantine, {time.monotonic() - began:.0f} s")
    result.end()
