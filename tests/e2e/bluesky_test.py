#!/usr/bin/env python3
"""The reference AT Protocol network (tests/servers/atproto.sh) with its production rate limits: BlueskySource alone (BlueskyNetwork of
test_sources), then earshotd behind a relay that counts its requests: a mention posted there becomes a page here, a search finds what no
notification tells, a post taken back is noted, an expired token is refreshed, a restart signs in no more, 429 is waited out, a reply whose
answer is lost is posted once. Fails where
the network cannot be started. Prints "N passed, N failed" last."""
import http.client
import json
import os
import re
import subprocess
import threading
import time

import support
from real import HAZARD, Real, Trial, ask
from support import Checks, Folder, Server, Webhook, wait_for

UNIT_TESTS = 2


class Relay(Server):
    """Hands requests on to the PDS and counts them by method name; `busy` answers 429 as the PDS does, that often; `token` stands in for
    the one of the next reading request; `cut` answers to createRecord are lost on their way back."""

    def __init__(self, port):
        self.to, self.seen, self.busy, self.token, self.cut, self.lock = port, [], 0, None, 0, threading.Lock()
        super().__init__(self.take)

    def count(self, name):
        with self.lock:
            return sum(1 for it, _ in self.seen if it.endswith(name))

    def take(self, handler, body):
        name = handler.path.split("?")[0]
        with self.lock:
            self.seen.append((name, time.monotonic()))
            busy = self.busy > 0
            self.busy -= busy
        if busy:
            answer = json.dumps({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}).encode()
            return self.say(handler, 429, answer, [("Content-Type", "application/json"), ("RateLimit-Limit", "3000"),
                                                   ("RateLimit-Remaining", "0"), ("RateLimit-Reset", str(int(time.time()) + 6)),
                                                   ("RateLimit-Policy", "3000;w=300")])
        link = http.client.HTTPConnection("127.0.0.1", self.to, timeout=60)
        headers = {key: value for key, value in handler.headers.items() if key.lower() not in ("host", "connection", "accept-encoding")}
        with self.lock:
            if self.token and "/app.bsky." in name:
                headers["Authorization"], self.token = "Bearer " + self.token, None
        link.request(handler.command, handler.path, body or None, headers)
        answer = link.getresponse()
        content = answer.read()
        kept = [(key, value) for key, value in answer.getheaders()
                if key.lower() not in ("transfer-encoding", "content-length", "connection", "keep-alive", "content-encoding")]
        link.close()
        with self.lock:
            lost = self.cut > 0 and name.endswith("createRecord")
            self.cut -= lost
        if lost:
            handler.close_connection = True
            return handler.connection.close()
        return self.say(handler, answer.status, content, kept)

    @staticmethod
    def say(handler, status, body, headers):
        handler.send_response_only(status)
        for key, value in headers:
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


class SkyTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.server = Real("atproto.sh", 12, folder, RATE_LIMITS="1")
        self.relay, self.info = None, {}

    def call(self, name, body, token=None):
        status, said = ask("POST", f"{self.info['pds']}/xrpc/{name}", body, {"Authorization": "Bearer " + token} if token else {})
        if status != 200:
            raise RuntimeError(f"{name}: {status} {said}")
        return said

    def join(self, handle):
        return self.call("com.atproto.server.createAccount", {"handle": handle + ".test", "email": handle + "@example.test",
                                                              "password": "pw-" + handle})

    def write_post(self, author, text, mention=None):
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())}
        if mention:
            at = "@brandco.test"
            start = len(text[:text.index(at)].encode())
            record["facets"] = [{"index": {"byteStart": start, "byteEnd": start + len(at)},
                                 "features": [{"$type": "app.bsky.richtext.facet#mention", "did": mention["did"]}]}]
        said = self.call("com.atproto.repo.createRecord", {"repo": author["did"], "collection": "app.bsky.feed.post", "record": record},
                         author["accessJwt"])
        self.settle()
        return said["uri"]

    def settle(self):
        ask("POST", self.info["control"] + "/process", {})

    def unit_tests(self):
        program = support.unit_tests_of("sources")
        if not self.that(program, "test_sources is built"):
            return
        run = subprocess.run([program, "--gtest_also_run_disabled_tests", "--gtest_filter=*BlueskyNetwork*"], timeout=300, text=True,
                             env=dict(os.environ, EARSHOT_PDS=self.info["pds"], EARSHOT_PDS_CONTROL=self.info["control"]),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        good = len(re.findall(r"^\[       OK \]", run.stdout, re.M))
        self.that(good == UNIT_TESTS and run.returncode == 0, f"BlueskySource alone: {UNIT_TESTS} tests", run.stdout[-3000:])

    def begin(self):
        self.server.start()
        self.info = json.loads(self.server.said.strip().splitlines()[-1])
        self.relay = Relay(self.server.first)
        self.brand, self.ana, self.bo = self.join("brandco"), self.join("ana-b"), self.join("bo-b")
        self.write_post(self.ana, "@brandco.test this was written before anybody listened", self.brand)
        self.folder.write("sky.pw", "pw-brandco\n")
        self.folder.write("hook.secret", support.SECRET)
        sources = [{"name": "sky", "type": "bluesky", "url": f"http://127.0.0.1:{self.relay.port}", "identifier": "brandco.test",
                    "password_file": "sky.pw", "query": "Brightwave", "every": "1s", "min_every": "100ms"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.write(sources, receivers, extra='replies: {ways: [{source: sky, as: brandco.test}]}', swap=[('handles: ["@Brightwave"]', 'handles: ["@Brightwave", "@brandco.test"]')])
        self.daemon.start()
        self.that(wait_for(lambda: len(self.posts("sky")) == 1, 20), "the archive is only marked as seen", str(self.source("sky"))[:400])
        self.that(not self.daemon.cases(), "and opens no case")

    def mention(self):
        words = "@brandco.test " + HAZARD[0] + " 🔥"
        began = time.monotonic()
        self.uri = self.write_post(self.ana, words, self.brand)
        post = wait_for(lambda: self.posts("sky").get(self.uri), 20)
        if not self.that(post, "a mention becomes a post", self.daemon.log()[-500:]):
            return
        self.that(post["text"] == words and post["author_id"] == self.ana["did"] and post["author"] == "ana-b.test"
                  and post["mentions"] == ["brandco.test"] and post["followers"] == 0, "with its words, author, mention and reach", str(post)[:400])
        told = wait_for(lambda: [it for it in self.hook.log() if '"earshot.page"' in it["body"] and HAZARD[0] in it["body"]], 10)
        self.that(told and post["case"], "and a page")
        print(f"figure: from createRecord at the PDS to the page, indexing included: {time.monotonic() - began:.1f} s")
        uri = self.write_post(self.bo, "My Brightwave lamp hums all night and nobody at the shop cares")
        self.that(wait_for(lambda: uri in self.posts("sky"), 20), "a post without a mention is found by the search")
        uri = self.write_post(self.bo, "Nothing to see here, just a sunset")
        time.sleep(2.5)
        self.that(uri not in self.posts("sky"), "and one about nothing of ours is not")

    def deleted(self):
        self.call("com.atproto.repo.deleteRecord", {"repo": self.ana["did"], "collection": "app.bsky.feed.post", "rkey": self.uri.rsplit("/", 1)[1]},
                  self.ana["accessJwt"])
        self.settle()
        self.that(wait_for(lambda: self.posts("sky")[self.uri]["deleted"], 20), "a post that is taken back is noted")

    def expired(self):
        signs, refreshes = self.relay.count("createSession"), self.relay.count("refreshSession")
        self.that(signs == 1, "signed in once, however many polls", str(signs))
        with self.relay.lock:  # correctly signed, but of yesterday
            self.relay.token = ask("POST", self.info["control"] + "/token", {"did": self.brand["did"], "expSeconds": -60})[1]["accessJwt"]
        uri = self.write_post(self.ana, "@brandco.test " + HAZARD[1], self.brand)
        self.that(wait_for(lambda: uri in self.posts("sky"), 20), "with an expired token it reads on", str(self.source("sky"))[:300])
        self.that(self.relay.token is None and self.relay.count("refreshSession") == refreshes + 1
                  and self.relay.count("createSession") == signs, "after one refresh, without signing in again", str(self.relay.seen[-5:]))
        self.that(not self.source("sky")["error"], "and it is no failure", self.source("sky")["error"])

    def restarted(self):
        signs = self.relay.count("createSession")
        self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        uri = self.write_post(self.ana, "@brandco.test " + HAZARD[3], self.brand)
        self.daemon.start()
        self.that(wait_for(lambda: uri in self.posts("sky"), 20), "what was posted while it was down is found")
        self.that(self.relay.count("createSession") == signs, "a restart lives on the refresh token", str(self.relay.seen[-5:]))

    def replied(self):
        """A reply is approved and sent; the PDS stores it, and its answer never comes."""
        number = next(it["number"] for it in self.daemon.cases() if HAZARD[1] in it["excerpt"])
        self.act(number, "ack")
        parts = {"truth": "It caught fire, and that is our fault.", "owner": "Jo Adler has it.", "change": "New cells from 1 April."}

        def draft(method, what, body, who):
            status, text, _ = self.daemon.call(method, f"/api/v1/cases/{number}/draft{what}", body, {"X-Earshot-Person": who})
            return json.loads(text) if status == 200 else {"error": text}

        draft("PUT", "", {"parts": parts}, "jo")
        draft("POST", "/ask", {"person": "kim"}, "jo")
        draft("POST", "/approve", {}, "kim")
        with self.relay.lock:
            self.relay.cut = 1
        said = draft("POST", "/send", {}, "jo")
        done = wait_for(lambda: draft("GET", "", None, "jo").get("delivery") == "delivered", 30)
        self.that(done and self.relay.cut == 0, "a reply whose answer is lost is found by its key", f"{said} {self.daemon.log()[-600:]}")
        listed = ask("GET", f"{self.info['pds']}/xrpc/com.atproto.repo.listRecords?repo={self.brand['did']}&collection=app.bsky.feed.post")[1]
        records = [it for it in listed["records"] if it["value"].get("reply")]
        self.that(len(records) == 1 and records[0]["uri"] == draft("GET", "", None, "jo")["link"], "it stands there once", str(listed)[:600])
        self.that(records[0]["value"]["reply"]["parent"]["uri"].startswith(f"at://{self.ana['did']}/") and
                  records[0]["value"]["text"] == " ".join(parts.values()), "under the customer's post", str(records)[:600])
        self.that(self.daemon.get(f"/api/v1/cases/{number}")["state"] == "answered", "and is the answer")

    def busy(self):
        cases = len(self.daemon.cases())
        with self.relay.lock:
            mark, self.relay.busy = len(self.relay.seen), 1
        uri = self.write_post(self.bo, "@brandco.test " + HAZARD[2], self.brand)
        came = wait_for(lambda: uri in self.posts("sky"), 30)
        times = [at for _, at in self.relay.seen[mark:]]
        gap = max((b - a for a, b in zip(times, times[1:])), default=0)
        self.that(came and gap >= 4.5, "429 is waited out until RateLimit-Reset, and nothing is lost", f"{gap:.1f} s {self.source('sky')}"[:300])
        self.that(len(self.daemon.cases()) == cases + 1, "and it is no incident", f"{cases} {len(self.daemon.cases())}")

    def run(self):
        try:
            self.begin()
            self.mention()
            self.deleted()
            self.expired()
            self.restarted()
            self.replied()
            self.busy()
            self.that("pw-brandco" not in self.daemon.log() and self.brand["accessJwt"] not in self.daemon.log(), "no secret is in the log")
            self.that(self.daemon.stop() == 0, "SIGTERM ends it again")
            self.unit_tests()  # last: they use up the sign-ins that the network allows
        finally:
            self.daemon.kill()
            self.hook.close()
            if self.relay:
                self.relay.close()
            self.server.stop()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        SkyTrial(place, result).run()
    result.end()
