#!/usr/bin/env python3
"""A disk whose syncs fail (P19): the daemon ends after the first, tries no second one, and once it has ended so twice within ten minutes the
next start is safe mode. There nothing is written, read or paged; the console shows what was kept, every door that changes something says
why not, the operators are told from memory, kill -9 changes nothing of it, and a restart by hand leaves it. Prints "N passed, N failed" last."""
import hashlib
import json
import os
import subprocess
import time

import support
from support import Checks, Daemon, FeedHost, Folder, Webhook, config, free_port, wait_for


class Bench:
    def __init__(self, folder):
        self.hook, self.feed = Webhook(os.path.join(folder.path, "hook")), FeedHost(os.path.join(folder.path, "feed"))
        folder.write("hook.secret", support.SECRET)
        self.daemon = Daemon(folder, free_port())
        source = {"name": "letters", "type": "feed", "url": f"http://127.0.0.1:{self.feed.port}/rss", "every": "1s", "min_every": "1s", "start": "all"}
        text = config(self.daemon.port, [source], [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}])
        folder.write("earshot.yaml", text.replace("escalation: standard}\nrec", "escalation: standard, receivers: [hook]}\nrec"))

    def close(self):
        self.daemon.kill()
        self.hook.close()
        self.feed.close()

    def told(self):
        return [row for row in self.hook.log() if row["result"] == "accepted" and "Earshot is in safe mode" in row["body"]]

    def answers(self):
        """Serves, ready or not."""
        try:
            return self.daemon.call("GET", "/-/healthy", timeout=2)[0] == 200
        except OSError:
            return False


def bytes_of(path):
    digest = hashlib.sha256()
    for name in (path, path + "-wal"):
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def failing_disk(checks, folder):
    library, mark = os.path.join(folder.path, "fail_sync.so"), os.path.join(folder.path, "failing")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, os.path.join(support.HERE, "fail_sync.c"), "-ldl"], check=True)
    runtime = os.path.join(folder.path, "run")
    os.mkdir(runtime, 0o700)
    os.environ.update(LD_PRELOAD=library, FAIL_SYNC=mark, RUNTIME_DIRECTORY=runtime)
    bench = Bench(folder)
    daemon, noted = bench.daemon, os.path.join(runtime, "store-failures")
    tries = lambda: os.path.getsize(mark + ".tries") if os.path.exists(mark + ".tries") else 0
    act = lambda it: daemon.call("POST", f"/api/v1/cases/{it['id']}/ack", {"version": it["version"]}, {"X-Earshot-Person": "jo"})
    try:
        daemon.start()
        bench.feed.add("one", "annika-q", support.SMOKE)
        checks.that(wait_for(lambda: daemon.cases() and bench.hook.log(), 30), "a hazard pages")
        case = daemon.cases()[0]
        folder.write("failing", "")
        try:
            act(case)
            checks.that(False, "what cannot be synced is not acknowledged")
        except OSError:
            checks.that(True, "what cannot be synced is not acknowledged")
        checks.that(wait_for(lambda: not daemon.running(), 15) and daemon.process.returncode == 75, "the first failure ends it, to be started again", str(daemon.process.returncode))
        checks.that(tries() == 1, "without a second sync", str(tries()))
        daemon.launch()
        checks.that(wait_for(lambda: not daemon.running(), 15) and daemon.process.returncode == 75, "the second start fails the same way", str(daemon.process.returncode))
        with open(noted, encoding="utf-8") as file:
            lines = file.read().splitlines()
        checks.that(len(lines) == 2 and all("I/O" in it for it in lines), "both are noted", str(lines))

        before, synced = bytes_of(daemon.db), tries()
        daemon.launch()
        checks.that(wait_for(bench.answers, 20) and not daemon.ready(), "the third start serves and is not ready", daemon.log()[-1500:])
        status, text, _ = daemon.call("GET", "/-/ready")
        checks.that(status == 503 and "safe mode" in text and daemon.db not in text, "readiness says why, to strangers without the place", text)
        checks.that(wait_for(bench.told, 10) and daemon.db in bench.told()[0]["body"], "the operators are told from memory, and where to look")
        shown = daemon.get(f"/api/v1/cases/{case['id']}")
        # What was written and could not be synced may be there or not: nobody was told that it is.
        checks.that(shown.get("state") in ("open", "acknowledged"), "the case can be looked at", str(shown.get("state")))
        status, text, _ = act(case)
        checks.that(status == 503 and "safe_mode" in text, "an acknowledgement is refused and says why", text)
        checks.that("earshot_safe_mode 1" in daemon.call("GET", "/metrics")[1], "a gauge says so")
        checks.that([it["kind"] for it in daemon.get("/api/v1/findings").get("findings", [])] == ["safe_mode"], "a finding says so")
        checks.that("safe mode" in json.dumps(daemon.get("/api/v1/sources")), "its sources say why they are not read")
        status, text, _ = daemon.call("POST", "/ack/nonsense", "token=nonsense", {"Content-Type": "application/x-www-form-urlencoded"})
        checks.that(status == 503 and "safe mode" in text and "<h1>" in text, "the page of a link says it to a person", text[-300:])
        bench.feed.add("two", "benno-q", "The plug of my Brightwave Glow lamp sparked and burnt my hand, the cable is black")
        time.sleep(4)
        checks.that(daemon.running() and len(daemon.cases()) == 1, "it stays up and reads nothing")
        checks.that(tries() == synced and bytes_of(daemon.db) == before, "not a byte of the database is written, and no sync is tried")
        daemon.kill()
        daemon.launch()
        checks.that(wait_for(bench.answers, 20) and not daemon.ready(), "kill -9 does not leave safe mode")

        os.unlink(mark)
        daemon.kill()
        bench.hook.slow_all = 8
        daemon.launch()
        wait_for(bench.answers, 20)
        checks.that(daemon.stop() == 0 and not os.path.exists(noted), "a restart by hand ends it in order and forgets the failures")
        daemon.start()
        checks.that("earshot_safe_mode 0" in daemon.call("GET", "/metrics")[1], "the next start is one like any other")
        checks.that(act(daemon.get(f"/api/v1/cases/{case['id']}"))[0] == 200, "what was refused is taken now")
        checks.that(wait_for(lambda: len(daemon.cases()) == 2, 30), "what was written meanwhile is read")
        checks.that(len(daemon.rows("SELECT 1 FROM post")) == 2, "nothing is lost, nothing double")
        checks.that(daemon.stop() == 0, "it ends in order")
    finally:
        for name in ("LD_PRELOAD", "FAIL_SYNC", "RUNTIME_DIRECTORY"):
            os.environ.pop(name, None)
        bench.close()


def unreadable(checks, folder):
    """Nothing of the database can be read either; without systemd the failures lie beside it."""
    bench = Bench(folder)
    daemon = bench.daemon
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    folder.write("earshot.db", "this is no database " * 500)
    folder.write("earshot.db-failures", f"{now} disk I/O error\nno line of ours\n{now} disk I/O error\n")
    try:
        daemon.launch()
        checks.that(wait_for(bench.answers, 20) and bench.daemon.call("GET", "/-/ready")[0] == 503, "it serves where the database cannot be read", daemon.log()[-1500:])
        checks.that(wait_for(bench.told, 10), "and tells the operators")
        status, text, _ = daemon.call("GET", "/api/v1/cases", headers={"X-Earshot-Person": "jo"})
        checks.that(status == 503 and "cannot be read" in text, "who looks is told so", f"{status} {text}")
        checks.that(daemon.running(), "and it stays up")
        done = subprocess.run([support.program("earshot"), "doctor", "--config", daemon.config, "--db", daemon.db, "--offline"], capture_output=True, text=True, check=False)
        checks.that("has failed 2 times" in done.stdout and "in safe mode" in done.stdout, "doctor knows why", done.stdout + done.stderr)
        checks.that(daemon.stop() == 0, "it ends in order")
        daemon.launch()
        checks.that(wait_for(lambda: not daemon.running(), 20) and daemon.process.returncode == 78, "the next start refuses what is no database", str(daemon.process.returncode))
        old = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 700))
        os.unlink(daemon.db)
        folder.write("earshot.db-failures", f"{old} disk I/O error\n{now} disk I/O error\n")
        daemon.start()
        checks.that(daemon.stop() == 0, "two failures that lie further apart are no reason")
    finally:
        bench.close()


def main():
    checks = Checks()
    with Folder() as folder:
        failing_disk(checks, folder)
    with Folder() as folder:
        unreadable(checks, folder)
    checks.end()


main()
