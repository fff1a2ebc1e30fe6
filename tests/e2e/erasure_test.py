#!/usr/bin/env python3
"""A person is forgotten: their posts on two channels, an answer, a note, a question; erased by the CLI. Then every byte of the database, its
log, a backup, an export, the daemon's log and what the API still says is searched for them; the same feed is read from its beginning and
the same mails are pushed again; a backup of before is restored; the chain of the ledger holds throughout. And a restore drill under load.
Prints "N passed, N failed" last."""
import json
import os
import sqlite3
import subprocess
import threading

import support
from real import Trial
from recorded import Recorded
from support import Checks, Folder, Webhook, wait_for

WORDS = "Smoke came out of my Brightwave Glow lamp on order 302-5512-77, my sister Oda burnt her hand, nobody answers"
LETTER = "For the third time I write about the dimmer in our kitchen, Brightwave owes me an answer since September"
TRACES = ["mara_velez", "Mara_velez", "velez", "Velez", "quintero", "Quintero", "posteo", "302-5512-77", "sister Oda", "dimmer in our kitchen",
          "since September", "5551234", "01ACCOUNTmara"]


class ErasureTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.server = Recorded("good-token")

    def tool(self, *words, code=0):
        done = subprocess.run([support.program("earshot"), *words], cwd=self.folder.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=120, text=True, check=False)
        if done.returncode != code:
            self.that(False, "earshot " + words[0], f"exit {done.returncode}: {done.stdout[-500:]} {done.stderr[-500:]}")
        return done

    def mail(self):
        return {"id": "mail-1@posteo.example", "channel": "email", "text": LETTER, "title": "Third letter",
                "author": {"id": "mara.velez@posteo.example", "handle": "mara.velez@posteo.example", "name": "Mara Velez-Quintero"}}

    def begin(self):
        self.folder.write("masto.token", "good-token\n")
        self.folder.write("hook.secret", support.SECRET)
        sources = [{"name": "mentions", "type": "mastodon", "url": f"http://127.0.0.1:{self.server.port}", "token_file": "masto.token",
                    "every": "1s", "min_every": "100ms", "start": "all"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.write(sources, receivers)
        self.daemon.start()
        wait_for(lambda: self.posts("mentions"), 20)

    def live(self):
        """She writes, is answered, is asked about."""
        self.post = self.server.mention(WORDS, "mara_velez")
        self.that(wait_for(lambda: self.post in self.posts("mentions"), 15), "her post is read")
        self.daemon.call("POST", "/api/v1/posts", self.mail())
        other = {"id": "b1", "author": {"id": "ben", "handle": "ben"}, "text": "@mara_velez my Brightwave box came empty, what a shame"}
        self.daemon.call("POST", "/api/v1/posts", other)
        ids = {row["identity"]: row["customer"] for row in self.daemon.rows("SELECT * FROM identity")}
        one, two = ids.get("mentions/01ACCOUNTmara_velez"), ids.get("mail:mara.velez@posteo.example")
        self.that(one and two, "a customer on each channel", str(ids))
        mine = [row["number"] for row in self.daemon.rows("SELECT number FROM cases WHERE customer IN (?, ?) ORDER BY number", one, two)]
        self.that(len(mine) == 2, "two cases of hers", str(mine))
        self.tool("customer", "merge", two, "--into", one, "--reason", "Mara Velez-Quintero says so", *self.api())
        for number in mine:
            self.act(number, "ack")
            self.act(number, "note", {"text": "Rang Ms Velez-Quintero at 0170 5551234"})
            self.act(number, "answer", {"text": "Dear Ms Velez-Quintero, we are sorry about the dimmer in our kitchen"})
        self.daemon.call("POST", "/api/v1/questions", {"to": "kim", "text": "What of the dimmer in our kitchen?", "item": LETTER},
                         {"X-Earshot-Person": "ceo"})
        wait_for(lambda: not self.daemon.rows("SELECT 1 FROM outbox WHERE state IN ('pending', 'started', 'uncertain')"), 15)
        self.customer, self.mine = one, mine

    def api(self):
        return "--server", f"http://127.0.0.1:{self.daemon.port}", "--as", "kim"

    def traces_in(self, path, traces=None):
        with open(path, "rb") as file:
            data = file.read()
        return [it for it in traces or TRACES if it.encode() in data]

    def files(self):
        return [os.path.join(self.folder.path, it) for it in sorted(os.listdir(self.folder.path))
                if it.startswith(("earshot.db", "earshotd.log", "after", "export")) and "before-restore" not in it]

    def nothing_left(self, when):
        found = {os.path.basename(it): self.traces_in(it) for it in self.files()}
        self.that(not any(found.values()), f"{when}: 0 bytes of her in {', '.join(found)}", str(found))
        verified = json.loads(self.tool("ledger", "verify", "--db", self.daemon.db).stdout)
        self.that(verified["ok"] and verified["erased"] > 0, f"{when}: the chain holds", str(verified))

    def erased(self):
        self.tool("backup", "--db", self.daemon.db, "--out", "old-backup.db")
        self.that(len(self.traces_in(os.path.join(self.folder.path, "old-backup.db"))) == len(TRACES), "every trace stood in the database",
                  str(self.traces_in(os.path.join(self.folder.path, "old-backup.db"))))
        head = json.loads(self.tool("ledger", "verify", "--db", self.daemon.db).stdout)
        export = json.loads(self.tool("export", "--author", "mara_velez", "--reason", "her letter", *self.api()).stdout)
        self.that(len(export["posts"]) == 2 and len(export["cases"]) == 2, "her export has both channels",
                  str({key: len(export[key]) for key in ("posts", "cases", "held", "mentions")}))
        refused = self.tool("erase", "--author", "mara_velez", "--reason", "her letter", "--yes", *self.api(), code=1)
        self.that("is open" in refused.stderr, "an open case is told first", refused.stderr)
        done = json.loads(self.tool("erase", "--author", "mara_velez", "--reason", "her letter", "--yes", "--open", *self.api()).stdout)
        self.that(done["posts"] == 2 and done["cases"] == 2 and done["clean"], "erased, and the file is clean", str(done))
        entries = self.daemon.rows("SELECT hex(hash) AS hash FROM ledger WHERE n = ?", head["entries"])
        self.that(entries[0]["hash"].lower() == head["head"], "a head noted before still stands")
        self.tool("backup", "--db", self.daemon.db, "--out", "after-backup.db")
        self.nothing_left("after the erasure")
        api = json.dumps([self.daemon.get(f"/api/v1/cases/{it}") for it in self.mine]) + json.dumps(self.daemon.get("/api/v1/questions?state=all"))
        self.that(not [it for it in TRACES if it in api], "the API says nothing of her", api[:1500])
        whole = [self.daemon.get(f"/api/v1/cases/{it}") for it in self.mine]
        self.that(all(it.get("owner") and it.get("state") for it in whole), "owner and state stay")
        gone = self.tool("export", "--author", "mara_velez", "--reason", "look", *self.api(), code=1)
        self.that("Nothing is held" in gone.stderr, "nothing is held on her", gone.stderr)

    def comes_not_back(self):
        def cases():
            return self.daemon.rows("SELECT c.number, i.identity FROM cases c LEFT JOIN identity i ON i.customer = c.customer ORDER BY 1")
        before = cases()
        self.that(self.daemon.stop() == 0, "stopped")
        link = sqlite3.connect(self.daemon.db)
        link.execute("DELETE FROM source WHERE name = 'mentions'")
        link.commit()
        link.close()
        self.daemon.start()
        answer = self.daemon.call("POST", "/api/v1/posts", self.mail())
        later = self.server.mention("the lamp of a neighbour is broken, Brightwave does not answer", "nadia")
        self.that(wait_for(lambda: later in self.posts("mentions"), 15), "the feed is read from its beginning", answer[1])
        kept_out = [it for it in self.daemon.call("GET", "/metrics")[1].splitlines() if it.startswith("earshot_forgotten_total")]
        self.that(len(kept_out) == 2, "her items are kept out and counted", str(kept_out))
        fresh = [it for it in cases() if it not in before]
        self.that(all("nadia" in it["identity"] for it in fresh), "no case of hers comes back", str(fresh))
        self.that(self.daemon.stop() == 0, "stopped again")
        self.nothing_left("after reading it all again")
        self.daemon.start()

    def restored(self):
        self.tool("restore", "old-backup.db", "--db", self.daemon.db, code=1)
        self.that(self.daemon.ready(), "a running daemon's database is not replaced")
        self.that(self.daemon.stop() == 0, "stopped for the restore")
        done = json.loads(self.tool("restore", "old-backup.db", "--db", self.daemon.db).stdout)
        self.that(done["erased_again"] >= 1, "who was erased since the backup is erased again", str(done))
        self.nothing_left("after the restore")
        key = self.daemon.db + "-tombstones.key"
        os.rename(key, key + ".away")
        self.daemon.launch()
        self.that(self.daemon.process.wait(20) == 78, "without the key of the tombstones it does not start", self.daemon.log()[-300:])
        os.rename(key + ".away", key)
        self.daemon.start()
        self.that(wait_for(lambda: len(self.posts("mentions")) > 3, 20), "and goes on reading")

    def drill(self):
        """A backup online under load, restored: the same head, and what came after it is read again or pushed again."""
        stop = threading.Event()
        pushed = []

        def load():
            while not stop.is_set():
                self.push(f"my Brightwave lamp number {len(pushed)} is broken", prefix=f"load{len(pushed)}-")
                pushed.append(f"load{len(pushed)}-0")
        thread = threading.Thread(target=load)
        thread.start()
        wait_for(lambda: len(pushed) > 20, 30)
        self.tool("backup", "--db", self.daemon.db, "--out", "drill.db")
        wait_for(lambda n=len(pushed): len(pushed) > n + 20, 30)
        stop.set()
        thread.join()
        verified = json.loads(self.tool("ledger", "verify", "--db", "drill.db").stdout)
        self.that(self.daemon.stop() == 0, "stopped for the drill")
        with open(os.path.join(self.folder.path, "broken.db"), "wb") as out:
            with open(os.path.join(self.folder.path, "drill.db"), "rb") as file:
                data = bytearray(file.read())
            middle = len(data) // 2 // 4096 * 4096
            data[middle:middle + 4096] = b"\xff" * 4096
            out.write(data)
        before = os.path.getsize(self.daemon.db)
        refused = self.tool("restore", "broken.db", "--db", self.daemon.db, code=1)
        self.that(os.path.getsize(self.daemon.db) == before, "a damaged backup replaces nothing",
                  refused.stderr)
        link = sqlite3.connect(os.path.join(self.folder.path, "drill.db"))
        link.execute("PRAGMA user_version = 99")
        link.close()
        newer = self.tool("restore", "drill.db", "--db", self.daemon.db, code=1)
        self.that("newer" in newer.stderr, "nor one of a newer Earshot", newer.stderr)
        link = sqlite3.connect(os.path.join(self.folder.path, "drill.db"))
        link.execute("PRAGMA user_version = 1")
        link.close()
        done = json.loads(self.tool("restore", "drill.db", "--db", self.daemon.db).stdout)
        self.that(done["entries"] == verified["entries"] and done["head"] == verified["head"], "the same head as the backup's",
                  f"{done} {verified}")
        self.that(done["kept"] and os.path.exists(done["kept"]), "the database before is kept beside", str(done))
        self.daemon.start()
        for n in range(len(pushed)):
            self.push(f"my Brightwave lamp number {n} is broken", prefix=f"load{n}-")
        have = {row["native"] for row in self.daemon.rows("SELECT native FROM post WHERE native LIKE 'load%'")}
        self.that(have == set(pushed), f"pushed again, all {len(pushed)} are there once", str(set(pushed) - have))

    def doctor(self):
        done = self.tool("doctor", "--config", self.daemon.config, "--db", self.daemon.db, "--json")
        states = {it["what"]: it["state"] for it in map(json.loads, done.stdout.splitlines())}
        self.that(states.get("database") == "ok" and states.get("receiver hook") == "ok" and "error" not in states.values(),
                  "the doctor finds all well beside the daemon", done.stdout)
        self.hook.close()
        sick = self.tool("doctor", "--config", self.daemon.config, "--db", self.daemon.db, code=75)
        self.that("receiver hook: Cannot be reached" in sick.stdout, "a receiver that is away is told, 75", sick.stdout)
        os.chmod(os.path.join(self.folder.path, "hook.secret"), 0o644)
        self.tool("doctor", "--config", self.daemon.config, "--db", self.daemon.db, "--offline", code=78)
        self.that(True, "a secret that others may read: 78")

    def run(self):
        try:
            self.begin()
            self.live()
            self.erased()
            self.comes_not_back()
            self.restored()
            self.drill()
            self.doctor()
        finally:
            self.daemon.kill()
            self.server.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        ErasureTrial(place, result).run()
    result.end()
