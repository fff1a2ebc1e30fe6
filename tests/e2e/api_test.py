#!/usr/bin/env python3
"""The daemon's API and `earshot cases` from outside: push with Idempotency-Key, the whole life of a case with its gates, bulk, links to
acknowledge, access, reload, one process a database, events after a reconnect."""
import http.client
import json
import os
import re
import signal
import subprocess
import time

import support
from support import Checks, Daemon, Folder, Webhook, wait_for


def post(n, text):
    return {"id": f"p{n}", "author": {"id": f"a{n}", "name": f"Customer {n}", "handle": f"c{n}"}, "text": text,
            "url": f"https://social.example/p{n}"}


class Trial:
    def __init__(self, folder, checks):
        self.folder, self.checks = folder, checks
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.daemon = Daemon(folder, support.free_port())
        folder.write("hook.secret", support.SECRET)
        folder.write("earshot.yaml", self.config())

    def config(self, extra=""):
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        return support.config(self.daemon.port, [{"name": "push", "type": "push"}], receivers, extra=extra)

    def cli(self, *words):
        return subprocess.run([support.program("earshot"), "cases", *words, "--server", f"127.0.0.1:{self.daemon.port}"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, check=False)

    def push(self):
        daemon, that = self.daemon, self.checks.that
        items = [post(1, support.SMOKE), post(2, "@Brightwave you charged me twice for one Glow, where is my money? I am furious.")]
        key = {"Idempotency-Key": "first"}
        status, text, _ = daemon.call("POST", "/api/v1/posts", items, key)
        that(status == 202 and json.loads(text)["accepted"] == 2, "posts are accepted once they are durable", text)
        that(len(daemon.rows("SELECT native FROM post")) == 2, "and are in the database then")
        again = daemon.call("POST", "/api/v1/posts", items, key)
        that(again[0] == 202 and again[1] == text, "the same Idempotency-Key gets the same answer", again[1])
        other = daemon.call("POST", "/api/v1/posts", [post(3, "other")], key)
        that(other[0] == 422, "the same key with another body is refused with 422", str(other[0]))
        status, text, _ = daemon.call("POST", "/api/v1/posts", items)
        that(status == 202 and json.loads(text)["known"] == 2, "known posts are counted as known", text)
        status, text, _ = daemon.call("POST", "/api/v1/posts", json.dumps(post(4, "fine")) + "\nnot json\n")
        that(status == 202 and len(json.loads(text)["quarantined"]) == 1, "a bad line is set aside, the others taken", text)
        that(daemon.call("POST", "/api/v1/posts", "[" * 100000)[0] == 400, "deep nesting is refused")
        metrics = daemon.call("GET", "/metrics")[1]
        for line in (r'earshot_build_info\{version="\d+\.\d+\.\d+"\} 1', r"earshot_start_timestamp_seconds \d", r'earshot_mode\{mode="live"\} 1', r'earshot_mode\{mode="shadow"\} 0',
                     r'earshot_posts_total\{urgency="page"\} 1', r'earshot_cases_total\{urgency="page"\} 1',
                     r'earshot_web_requests_total\{route="/api/v1/posts",status="202"\} 4', r'earshot_web_requests_total\{route="/api/v1/posts",status="422"\} 1',
                     r'earshot_web_request_seconds_count\{route="/api/v1/posts"\} 6'):
            that(re.search("^" + line, metrics, re.M), "a metric says " + line.replace("\\", ""), "\n".join(it for it in metrics.splitlines() if it.startswith(line.split("\\")[0].split("{")[0])))
        that(wait_for(lambda: re.search(r'^earshot_case_events_total\{event="escalated"\} 1', daemon.call("GET", "/metrics")[1], re.M), 15), "events are counted from the ledger")
        told = wait_for(self.hook.log)
        that(told and told[0]["result"] == "accepted", "the page comes signed", str(told)[:200])

    def life(self):
        that = self.checks.that
        found = [it for it in self.daemon.cases() if it["urgency"] == "page"]
        if not that(found, "the hazard is a page"):
            return
        number = str(found[0]["number"])
        listed = self.cli("list", "--as", "jo")
        that(listed.returncode == 0 and number in listed.stdout, "earshot cases list shows it", listed.stderr)
        early = self.cli("close", number, "--as", "jo")
        that(early.returncode == 1 and early.stderr, "close is refused before the answer, and says why", early.stderr)
        code = self.daemon.call("POST", f"/api/v1/cases/{number}/close", {}, {"X-Earshot-Person": "jo"})
        that(code[0] == 422, "by HTTP that is 422", f"{code[0]} {code[1][:200]}")
        steps = [("ack",), ("answer", "--text", "We are ringing you now."),
                 ("feedback", "--said", "We are sorry.", "--done", "New lamp sent.", "--cause", "firmware", "--department", "engineering",
                  "--product-change", "no"),
                 ("verify", "--outcome", "satisfied")]
        for action, *more in steps:
            done = self.cli(action, number, *more, "--as", "ceo" if action == "verify" else "jo")
            that(done.returncode == 0, f"earshot cases {action}", done.stderr)
        state = json.loads(self.cli("show", number, "--as", "jo").stdout or "{}").get("state")
        if state != "closed":
            done = self.cli("close", number, "--as", "jo")
            state = json.loads(self.cli("show", number, "--as", "jo").stdout or "{}").get("state")
            that(done.returncode == 0, "earshot cases close", done.stderr)
        that(state == "closed", "it is closed in the end", str(state))
        once = self.cli("ack", number, "--as", "jo")
        that(once.returncode == 1, "a closed case is not acknowledged", once.stdout[:200])

    def bulk_and_link(self):
        daemon, that = self.daemon, self.checks.that
        daemon.call("POST", "/api/v1/posts", [post(10, support.SMOKE + " in our kitchen on Monday"),
                                              post(11, "My Brightwave Glow caught fire, the curtain is burning, what do I do?")])
        cases = [it for it in daemon.cases() if it["state"] == "open"]
        if not that(len(cases) >= 2, "further cases are open", str(len(cases))):
            return
        told = wait_for(lambda: [it for it in self.hook.log() if cases[0]["id"] in it["body"]])
        link = re.search(r'"ack_url":"http://[^/]+(/ack/[^"]+)"', told[0]["body"]) if told else None
        if that(link, "a page has a link to acknowledge"):
            path = link.group(1)
            seen = daemon.call("GET", path)
            state = daemon.get(f"/api/v1/cases/{cases[0]['id']}").get("state")
            that(seen[0] == 200 and state == "open", "GET of the link shows and changes nothing", f"{seen[0]} {state}")
            that(daemon.call("POST", path)[0] == 400, "POST without the page's form does nothing")
            done = daemon.call("POST", path, "token=" + path.rsplit("/", 1)[1])
            state = daemon.get(f"/api/v1/cases/{cases[0]['id']}").get("state")
            that(done[0] == 200 and state != "open", "POST of the link acknowledges", f"{done[0]} {state}")
            bad = daemon.call("POST", path[:-4] + "AAAA")
            that(bad[0] in (400, 403, 404, 410), "a forged link is refused", str(bad[0]))
        status, text, _ = daemon.call("POST", "/api/v1/cases/bulk", {"action": "note", "ids": [cases[1]["id"], "c-none"],
                                                                     "args": {"text": "seen"}}, {"X-Earshot-Person": "jo"})
        results = json.loads(text).get("results", [])
        that(status == 200 and [it["ok"] for it in results] == [True, False], "bulk answers for each case", text[:300])
        status, _, headers = daemon.call("GET", f"/api/v1/cases/{cases[1]['id']}")
        stale = daemon.call("POST", f"/api/v1/cases/{cases[1]['id']}/ack", {}, {"If-Match": '"1"', "X-Earshot-Person": "jo"})
        that(headers.get("ETag") and stale[0] == 412, "an old version in If-Match is refused with 412", str(stale[0]))
        foreign = daemon.call("POST", f"/api/v1/cases/{cases[1]['id']}/ack", {}, {"Sec-Fetch-Site": "cross-site"})
        that(foreign[0] == 403, "another site's request is refused", str(foreign[0]))

    def description(self):
        """Every path of the OpenAPI document answers, and what it does not name is refused."""
        daemon, that = self.daemon, self.checks.that
        document = json.loads(daemon.call("GET", "/api/v1/openapi.json")[1])
        methods = ("get", "post", "put", "patch", "delete")
        dead, wide = [], []
        for path, item in document["paths"].items():
            real = re.sub(r"\{[^}]*\}", "none", path)
            for method in methods:
                if real == "/api/v1/events" and method == "get":
                    continue  # never ends; events() reads it
                status, text, headers = daemon.call(method.upper(), real, {} if method != "get" else None)
                nothing = status == 404 and "nothing at this path" in text
                if method in item and (status == 405 or nothing):
                    dead.append(f"{method} {path}: {status}")
                if path.startswith("/ack"):
                    continue  # says first that the link is no link
                if method not in item and status not in (404, 405):
                    wide.append(f"{method} {path}: {status}")
                if status == 405 and "Allow" not in headers:
                    wide.append(f"{method} {path}: 405 without Allow")
            for method, operation in item.items():
                named = {it["name"] for it in operation["parameters"] if it["in"] == "path"}
                if named != set(re.findall(r"\{([^}]*)\}", path)):
                    dead.append(f"{method} {path}: path parameters")
        that(len(document["paths"]) >= 19 and not dead, "every path of the OpenAPI document answers", str(dead))
        that(not wide, "and takes no method that is not in it", str(wide))

    def questions(self):
        """A word that means nothing is refused, not answered with an empty list."""
        for query in ("view=nonsense", "state=opne", "urgency=high", "limit=many"):
            status, text, _ = self.daemon.call("GET", "/api/v1/cases?" + query)
            self.checks.that(status == 400 and json.loads(text)["error"]["field"] == query.split("=", 1)[0], f"cases?{query} is 400", text[:200])
        asked = self.cli("list", "--state", "opne", "--as", "jo")
        self.checks.that(asked.returncode == 1 and "state" in asked.stderr, "earshot cases list says so", asked.stderr)

    def shapes(self):
        """Members of a case as the console wants them (the list, and one case with more)."""
        row_wants = {"id", "number", "version", "section", "state", "reopened", "urgency", "severity", "team", "owner", "waiting", "customer",
                     "excerpt", "language", "why", "clock", "principal", "storm", "failed", "posted_at", "opened_at", "actions"}
        case_wants = row_wants | {"posts", "assessment", "points", "clocks", "gates", "former_owners", "story", "feedback", "verification"}
        rows = [json.loads(it) for it in self.cli("list", "--state", "all", "--as", "jo").stdout.splitlines()]
        lacks = sorted({key for row in rows for key in row_wants - set(row)})
        self.checks.that(rows and not lacks, "rows of earshot cases list have the console's members", str(lacks))
        case = json.loads(self.cli("show", str(rows[0]["number"]), "--as", "jo").stdout)
        lacks = sorted(case_wants - set(case))
        self.checks.that(not lacks, "earshot cases show has them too", str(lacks))

    def events(self):
        def read(headers, seconds):
            link = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=seconds)
            link.request("GET", "/api/v1/events", headers=headers)
            answer, out = link.getresponse(), b""
            try:
                while out.count(b"\nid:") + out.startswith(b"id:") < 5:
                    got = answer.read1(65536)
                    if not got:
                        break
                    out += got
            except OSError:
                pass
            link.close()
            return [int(it) for it in re.findall(rb"^id: ?(\d+)", out, re.M)]

        first = read({"Last-Event-ID": "1"}, 4)
        self.checks.that(len(first) >= 3 and first == sorted(set(first)), "events come in order after Last-Event-ID", str(first[:10]))
        if len(first) >= 3:
            rest = read({"Last-Event-ID": str(first[1])}, 4)
            # A round tells each case once, by its first entry: more may come again, nothing may be left out.
            good = rest and min(rest) > first[1] and set(first[2:]) <= set(rest)
            self.checks.that(good, "a reconnect goes on after the last one seen", f"{first} {rest}")

    def reload(self):
        daemon, that = self.daemon, self.checks.that
        before = len(daemon.get("/api/v1/sources") or [])
        self.folder.write("earshot.yaml", "company: [\n")
        os.kill(daemon.process.pid, signal.SIGHUP)
        told = wait_for(lambda: "earshot.yaml" in daemon.log(), 5)
        that(told and daemon.ready(), "SIGHUP with a bad file is said, and the daemon goes on", daemon.log()[-300:])
        that(len(daemon.get("/api/v1/sources") or []) == before, "with the old configuration")
        sources = [{"name": "push", "type": "push"}, {"name": "second", "type": "push"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.folder.write("earshot.yaml", support.config(daemon.port, sources, receivers))
        os.kill(daemon.process.pid, signal.SIGHUP)
        took = wait_for(lambda: daemon.call("POST", "/api/v1/posts?source=second", [post(90, "hello")])[0] == 202, 5)
        that(took, "SIGHUP with a good file brings its new source")

    def access(self):
        that = self.checks.that
        second = Daemon(self.folder, support.free_port())
        second.config = self.folder.write("second.yaml", support.config(second.port, [{"name": "push", "type": "push"}], [
            {"name": "hook", "type": "log"}]))
        second.launch()
        ended = wait_for(lambda: not second.running(), 15)
        that(ended and second.process.returncode in (75, 78), "a second process on the same database is refused",
             str(second.process.returncode))
        second.kill()
        for name, web, want in (("open_on_loopback beyond this machine", "{listen: \"0.0.0.0:%d\", open_on_loopback: true}", 78),
                                ("listening beyond this machine without a token", "{listen: \"0.0.0.0:%d\"}", 78)):
            wide = Daemon(self.folder, support.free_port())
            wide.db = os.path.join(self.folder.path, "wide.db")
            text = self.config().replace(f'web: {{listen: "127.0.0.1:{self.daemon.port}", open_on_loopback: true}}', "web: " + web % wide.port)
            wide.config = self.folder.write("wide.yaml", text)
            wide.launch()
            ended = wait_for(lambda it=wide: not it.running(), 15)
            that(ended and wide.process.returncode == want, f"{name} is refused", str(wide.process.returncode))
            wide.kill()
        closed = Daemon(self.folder, support.free_port())
        closed.db = os.path.join(self.folder.path, "closed.db")
        closed.config = self.folder.write("closed.yaml", self.config().replace(
            f'127.0.0.1:{self.daemon.port}", open_on_loopback: true', f'127.0.0.1:{closed.port}"'))
        try:
            closed.start()
            bare = closed.call("GET", "/api/v1/cases")[0]
            wrong = closed.call("GET", "/api/v1/cases", headers={"Authorization": "Bearer nonsense"})[0]
            that(bare == 401 and wrong == 401, "without a token or with a wrong one nothing is shown", f"{bare} {wrong}")
            that(closed.call("GET", "/-/healthy")[0] == 200, "health is open")
        finally:
            closed.stop()

    def run(self):
        try:
            self.daemon.start()
            self.push()
            self.life()
            self.bulk_and_link()
            self.description()
            self.questions()
            self.shapes()
            self.events()
            self.reload()
            self.access()
            self.checks.that(self.daemon.stop() == 0, "SIGTERM drains and ends with 0", str(self.daemon.process.returncode))
        finally:
            self.daemon.kill()
            self.hook.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        Trial(place, result).run()
    result.end()
