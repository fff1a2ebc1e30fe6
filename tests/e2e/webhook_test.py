#!/usr/bin/env python3
"""earshotd's webhooks against the reference library of Standard Webhooks (tests/servers/webhook-peer.sh): both keys while they rotate, the
same id and a new timestamp on each attempt, 503 and 429 with Retry-After, a connection lost before the answer, 4xx, redirects that are
not followed, 410, and a person's next channel. Prints "N passed, N failed" last."""
import base64
import threading
import time

import support
from real import HAZARD, Real, Trial, ask
from support import Checks, Folder, Server, reply, wait_for

OLD, NEW, OTHER = ("whsec_" + base64.b64encode(it * 32).decode() for it in (b"o", b"n", b"x"))
PEOPLE = ("contact: [{via: hook}], notify: {page: [hook now], queue: [hook now]}, manager: kim",
          "contact: [{via: first}, {via: second}], notify: {page: [first now, second after 10m], queue: []}, manager: kim")


class Redirects(Server):
    """Answers 307 to a path that counts who follows."""

    def __init__(self):
        self.followed, self.lock = 0, threading.Lock()
        super().__init__(self.take)

    def take(self, handler, _):
        if handler.path == "/there":
            with self.lock:
                self.followed += 1
            return reply(handler, 200)
        handler.send_response(307)
        handler.send_header("Location", "/there")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return None


class WebhookTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.old = Real("webhook-peer.sh", 1, folder, SECRET=OLD)
        self.new = Real("webhook-peer.sh", 1, folder, SECRET=NEW)
        self.redirects = Redirects()

    def begin(self):
        self.old.start()
        self.new.start()
        self.folder.write("both.secret", f"{NEW}\n{OLD}\n")
        self.folder.write("wrong.secret", OTHER)
        at = {"old": f"http://127.0.0.1:{self.old.first}", "new": f"http://127.0.0.1:{self.new.first}"}
        names = [("first", at["old"] + "/first"), ("second", at["new"] + "/second"), ("other", at["new"] + "/other"),
                 ("moved", f"http://127.0.0.1:{self.redirects.port}/here")]
        receivers = [{"name": name, "type": "webhook", "url": url, "secret_file": "both.secret"} for name, url in names]
        receivers.append({"name": "wrong", "type": "webhook", "url": at["old"] + "/wrong", "secret_file": "wrong.secret"})
        self.write([{"name": "push", "type": "push"}], receivers, contact="first", swap=[
            (PEOPLE[0].replace("hook", "first"), PEOPLE[1]), ("route: {team: care, escalation: standard}",
             "route: {team: care, escalation: standard, receivers: [other]}")])
        self.daemon.start()

    def fault(self, peer, **what):
        ask("POST", f"http://127.0.0.1:{peer.first}/fault", what)

    def received(self, peer, path):
        return [it for it in ask("GET", f"http://127.0.0.1:{peer.first}/received")[1] if it["path"] == path]

    def tried(self, receiver):
        """Queues a test message and waits for its first attempt; its outbox row."""
        before = len(self.outbox(receiver))
        status = self.daemon.call("POST", f"/api/v1/receivers/{receiver}/test", {}, {"X-Earshot-Person": "jo"})[0]
        if status != 202:
            raise RuntimeError(f"send-test answered {status}")
        wait_for(lambda: len(self.outbox(receiver)) > before and self.outbox(receiver)[-1]["attempts"] > 0
                 and self.outbox(receiver)[-1]["state"] != "started")
        return self.outbox(receiver)[-1]

    def keys(self):
        for receiver, peer, path in (("first", self.old, "/first"), ("second", self.new, "/second")):
            self.tried(receiver)
            got = self.received(peer, path)
            self.that(len(got) == 1 and got[0]["verified"], f"both keys sign: the receiver with the {path} key verifies", str(got)[:300])
            self.that(len((got[0]["headers"].get("webhook-signature") or "").split()) == 2, "two signatures stand in one header")
        row = self.tried("wrong")
        self.that(row["state"] == "pending" and "HTTP 401" in row["result"], "401 is a refusal, tried again later", str(row)[:300])
        self.that(row["not_before"] - time.time() * 1000 > 30_000, "not at once", str(row["not_before"]))
        row = self.tried("moved")
        self.that("HTTP 307" in row["result"] and self.redirects.followed == 0, "a redirect is a failure and not followed", str(row)[:300])

    def retries(self, receiver, peer, path, fault, least, name):
        """One fault, then success: the id stays, the timestamp and signature are of the attempt."""
        before = len(self.received(peer, path))
        self.fault(peer, **fault)
        began = time.monotonic()
        self.tried(receiver)
        wait_for(lambda: self.outbox(receiver)[-1]["state"] == "ok", 30)
        got = self.received(peer, path)[before:]
        row = self.outbox(receiver)[-1]
        # Behind a lost answer libcurl may repeat such a request by itself: that is one attempt.
        attempts = (1, 2) if "hangup" in fault else (2,)
        good = len(got) == 2 and row["state"] == "ok" and row["attempts"] in attempts and len({it["id"] for it in got}) == 1
        self.that(good, f"{name}: sent again under the same id", f"{row['state']} {row['attempts']} {[it['id'] for it in got]}")
        self.that(all(it["verified"] for it in got), f"{name}: each attempt verifies", str([it.get("error") for it in got]))
        spent = time.monotonic() - began
        self.that(spent >= least, f"{name}: not before {least} s", f"{spent:.1f} s")
        if least >= 2 and len(got) == 2:
            self.that(int(got[1]["timestamp"]) > int(got[0]["timestamp"]), f"{name}: signed anew")

    def next_channel(self):
        """A page that its first channel refuses is on the next one at once, not after its ten minutes."""
        self.fault(self.old, status=400)
        began = time.time()
        self.push(HAZARD[0], prefix="q")
        told = wait_for(lambda: [it for it in self.received(self.new, "/second") if "earshot.page" in it["body"]], 20)
        self.that(told, "a page whose channel answers 400 is on the next channel", self.daemon.log()[-500:])
        self.that(time.time() - began < 10, "within seconds")
        self.that(self.ledger("delivery_trouble"), "the ledger tells of the trouble")
        ops = wait_for(lambda: [it for it in self.received(self.new, "/other") if "The receiver first fails" in it["body"]], 10)
        self.that(ops, "and so does a message about Earshot itself")
        number = self.daemon.cases()[0]["number"]
        self.act(number, "ack")
        states = {row["state"] for row in self.daemon.rows("SELECT state FROM outbox WHERE lane = 0 AND state NOT IN ('ok', 'dead')")}
        self.that(states <= {"cancelled"}, "an acknowledgement ends all attempts", str(states))

    def gone(self):
        self.fault(self.old, status=410)
        before = len(self.received(self.old, "/first"))
        pages = len([it for it in self.received(self.new, "/second") if "earshot.page" in it["body"]])
        self.push(HAZARD[1], prefix="r")
        wait_for(lambda: len([it for it in self.received(self.new, "/second") if "earshot.page" in it["body"]]) > pages, 20)
        rows = [row for row in self.outbox("first") if row["state"] == "dead" and "410" in row["result"]]
        self.that(len(rows) == 1, "410: the message is dead", str(self.outbox("first")[-1])[:300])
        self.push(HAZARD[2], prefix="s")
        told = wait_for(lambda: len([it for it in self.received(self.new, "/second") if "earshot.page" in it["body"]]) >= pages + 2, 20)
        self.that(told, "later pages go to the next channel at once")
        self.that(len(self.received(self.old, "/first")) == before + 1, "and the one that is gone is not asked again",
                  f"{before} {len(self.received(self.old, '/first'))}")
        last = self.outbox("first")[-1]
        self.that("410" in last["result"], "a message that waits for it says why", last["result"])

    def run(self):
        try:
            self.begin()
            self.keys()
            self.retries("other", self.new, "/other", {"hangup": True}, 0, "connection lost before the answer")
            self.retries("other", self.new, "/other", {"status": 503}, 3.5, "503")
            self.retries("other", self.new, "/other", {"status": 429, "retry_after": 8}, 7.9, "429, Retry-After: 8")
            self.next_channel()
            self.gone()
            self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        finally:
            self.daemon.kill()
            self.old.stop()
            self.new.stop()
            self.redirects.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        WebhookTrial(place, result).run()
    result.end()
