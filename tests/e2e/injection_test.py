#!/usr/bin/env python3
"""Words of strangers from outside (P26): every payload of tests/fixtures/hostile as author, title, text, address and note of posts and cases of
a real daemon; then everything that a person or a machine reads of it: the log, the API, the stream, the metrics, pages, CSV, webhooks, and the
command on a real terminal. One oracle a sink. Prints "N passed, N failed" last."""
import csv
import html.parser
import io
import json
import os
import pty
import re
import subprocess
import unicodedata

import support
from browser import Browser, armed
from real import HAZARD, Trial
from support import Checks, Folder, Webhook, program, wait_for

HIDDEN = {*range(0x00, 0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
WORDS = ("kitchen", "garden", "cellar", "window", "bedroom", "hall", "attic", "porch", "office", "garage", "stairs", "balcony", "winter", "Monday",
         "evening", "morning", "holiday", "birthday", "carpet", "curtain")


def payloads():
    path = os.path.join(support.ROOT, "tests", "fixtures", "hostile", "payloads.jsonl")
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def hidden(text, lines=True):
    """The first character that a terminal would obey or not show; None where there is none."""
    for at, c in enumerate(text):
        if ord(c) in HIDDEN and not (lines and c in "\n\t"):
            return f"U+{ord(c):04X} in {text[max(0, at - 40):at + 20]!r}"
    return None


class Elements(html.parser.HTMLParser):
    """Elements with the names of their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found, self.bad = set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.add((tag, tuple(name for name, _ in attrs)))
        for name, value in attrs:
            if name.startswith("on") or re.match(r"\s*(javascript|data|vbscript):", value or "", re.I):
                self.bad.append((tag, name, value))


class InjectionTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.all = [(kind, armed(text)) for kind, text in payloads()]

    def none_of(self, what, failures, of):
        self.that(of > 0 and not failures, f"{what} ({of} looked at)", "; ".join(failures[:3])[:600])

    def begin(self):
        self.folder.write("hook.secret", support.SECRET)
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.write([{"name": "push", "type": "push"}], receivers, swap=[("level: info", "level: debug")])
        self.daemon.start()

    def post(self, number, text, **more):
        begin = HAZARD[number % len(HAZARD)]
        where = " ".join(WORDS[number // 20 ** n % 20] for n in range(3))
        return {"id": f"i{number}", "author": {"id": f"a{number}", "name": text, "handle": text}, "title": text,
                "text": f"{begin}, {where} {number}. {text}", "url": f"https://social.example/{number}", **more}

    def write_everything(self):
        self.that(len(self.all) >= 400, "400 payloads and more", str(len(self.all)))
        taken = {"accepted": 0, "known": 0, "quarantined": 0}
        for first in range(0, len(self.all), 50):
            part = [self.post(first + n, text) for n, (_, text) in enumerate(self.all[first:first + 50])]
            status, body, _ = self.daemon.call("POST", "/api/v1/posts", part, timeout=60)
            for name, value in json.loads(body).items() if status == 202 else ():
                taken[name] += value if isinstance(value, int) else len(value)
        urls = [self.post(1000 + n, "odd address", url=text) for n, (_, text) in enumerate(self.all)]
        urls += [self.post(2000 + n, "odd id", id=text) for n, (_, text) in enumerate(self.all)]
        urls += [{"id": text, "author": text} for _, text in self.all[:40]]
        odd = self.daemon.call("POST", "/api/v1/posts", urls, timeout=60)
        self.that(taken["accepted"] == len(self.all) and odd[0] == 202, "all are taken", f"{taken} {odd[0]}")
        self.cases = [it for it in self.daemon.cases() if it["state"] == "open"]
        self.that(len(self.cases) >= 100, "cases are open", str(len(self.cases)))
        refused = []
        one = self.cases[0]["id"]
        for first in range(0, len(self.all), 3):
            text = "\n".join(it for _, it in self.all[first:first + 3])
            status = self.daemon.call("POST", f"/api/v1/cases/{one}/note", {"text": text}, {"X-Earshot-Person": "jo"})[0]
            if status != 200 and len(text) < 3000:  # longer ones are refused by their length
                refused.append(f"{status} {text[:40]!r}")
            if first % 30 == 0:
                self.daemon.call("POST", f"/api/v1/cases/{one}/question", {"to": "kim", "text": text}, {"X-Earshot-Person": "jo"})
        answered = 0
        for number, it in enumerate(self.cases[1:15]):
            text = "\n".join(word for _, word in self.all[number * 30:number * 30 + 30])[:6000]
            self.daemon.call("POST", f"/api/v1/cases/{it['id']}/ack", {}, {"X-Earshot-Person": "jo"})
            answered += self.daemon.call("POST", f"/api/v1/cases/{it['id']}/answer", {"text": text}, {"X-Earshot-Person": "jo"})[0] == 200
        self.that(answered >= 10, "and answered with", str(answered))
        self.that(not refused, "and noted on a case", "; ".join(refused[:5]))

    def api(self):
        paths = ["/api/v1/cases?state=all&limit=500", "/api/v1/questions?state=all", "/api/v1/storms?state=all", "/api/v1/quarantine?limit=500",
                 "/api/v1/ledger?limit=1000", "/api/v1/findings", "/api/v1/outbox", "/api/v1/sources", "/api/v1/digest?from=2026-01-01T00:00:00Z&"
                 "to=2100-01-01T00:00:00Z", "/api/v1/reports"]
        paths += [f"/api/v1/cases/{it['id']}" for it in self.cases] + [f"/api/v1/cases/{self.cases[0]['id']}/told"]
        failures = []
        for path in paths:
            status, text, headers = self.daemon.call("GET", path, headers={"X-Earshot-Person": "jo"}, timeout=60)
            kinds = headers.get("Content-Type", "").startswith("application/json") and headers.get("X-Content-Type-Options") == "nosniff"
            bad = next((c for c in text if ord(c) < 0x20), None)
            if status not in (200, 400) or not kinds or bad:
                failures.append(f"{path}: {status} {headers.get('Content-Type')} {bad!r}")
            else:
                json.loads(text)
        self.none_of("the API answers JSON without a control character, marked as such", failures, len(paths))
        shown = json.loads(self.daemon.call("GET", f"/api/v1/cases/{self.cases[-1]['id']}")[1])
        number = int(re.search(r" (\d+)\. ", shown["posts"][0]["text"]).group(1))
        kept = "".join(c for c in self.all[number % 1000][1].replace("\r\n", "\n").replace("\r", "\n") if ord(c) >= 0x20 or c in "\n\t")
        want, got = (unicodedata.normalize("NFC", it).strip()[:40] for it in (kept, shown["posts"][0]["text"].split(". ", 1)[1]))
        self.that(number >= 1000 or want in got or got in want, "words come out as they went in", f"{want!r} {got!r}")

    def stream(self):
        link = subprocess.run(["curl", "-sN", "-m", "3", f"http://127.0.0.1:{self.daemon.port}/api/v1/events?since=1"], stdout=subprocess.PIPE,
                              check=False)
        lines = link.stdout.decode("utf-8").split("\n")[:-1]
        failures = [line[:200] for line in lines if line and not re.match(r"(id: \d+|event: [a-z]+|data: \{.*\}|: .*)$", line)]
        for line in lines:
            if line.startswith("data: "):
                json.loads(line[6:])
        self.none_of("a line of the stream is an id, an event or data", failures, len(lines))

    def log(self):
        items = json.loads(self.daemon.call("GET", "/api/v1/quarantine?limit=500")[1])["items"]
        for it in items[:200]:  # each is said with its id, a stranger's
            self.daemon.call("POST", f"/api/v1/quarantine/{it['id']}/drop", {})
        lines = self.daemon.log().split("\n")[:-1]
        failures = [hidden(line, False) or line[:200] for line in lines if hidden(line, False) or not re.match(
            r'(time=\S+ level=(debug|info|warn|error) event=|earshotd: )', line)]
        self.none_of("the log at debug level holds lines of its own alone, in visible characters", failures, len(lines))

    def metrics(self):
        lines = self.daemon.call("GET", "/metrics")[1].split("\n")[:-1]
        shape = re.compile(r'(#.*|[a-z_:]+(_bucket|_count|_sum)?(\{([a-z_]+="[^"\\\n]*",?)*\})? [0-9.e+naifNI-]+)$')
        failures = [line for line in lines if not shape.match(line) or "alert(1)" in line or "evil" in line]
        self.none_of("metrics carry no word of theirs", failures, len(lines))

    def pages(self):
        digest = "/api/v1/digest?from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&format=html"
        told = self.hook.log()
        links = [re.search(r'"ack_url":"http://[^/]+(/ack/[^"]+)"', it["body"]) for it in told]
        paths = ["/", f"/cases/{self.cases[0]['id']}", digest] + [it.group(1) for it in links[:20] if it]
        failures = []
        for path in paths:
            status, text, headers = self.daemon.call("GET", path, timeout=60)
            seen = Elements(text)
            own = {"script", "iframe", "object", "embed", "svg", "img", "base", "form"} & {tag for tag, _ in seen.found}
            own -= {"script", "form"} if path == "/" or path.startswith("/cases/") else {"form"} if path.startswith("/ack/") else set()
            policy = headers.get("Content-Security-Policy", "")
            if status not in (200, 400) or seen.bad or own or "default-src 'none'" not in policy or "unsafe" in policy.replace(
                    "style-src 'unsafe-inline'", ""):
                failures.append(f"{path[:40]}: {status} {seen.bad[:2]} {own} {policy}")
        self.none_of("pages read again hold no element of theirs, under a policy that runs none", failures, len(paths))

    def browser(self):
        """In a browser that runs what it may: first a page that would, so that the oracles are known to see it."""
        bait = self.folder.write("bait.html", "<!doctype html><img src=http://evil.example/x>" + armed("<img src=x onerror=alert(1)>"))
        digest = "/api/v1/digest?from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&format=html"
        saved = self.folder.write("digest.html", self.daemon.call("GET", digest, timeout=60)[1])  # as a mail reader has it: without our headers
        links = [re.search(r'"ack_url":"(http://[^"]+)"', it["body"]) for it in self.hook.log()]
        pages = [f"http://127.0.0.1:{self.daemon.port}{path}" for path in ("/", digest, *(f"/cases/{it['id']}" for it in self.cases[:8]))]
        pages += [f"file://{saved}"] + [it.group(1) for it in links[:4] if it]
        browser = Browser(self.folder)
        try:
            ran, went = browser.visit(f"file://{bait}")
            self.that('data-ran="1"' in ran and went > 0, "a browser that runs payloads is seen to", f"{'data-ran' in ran} {went}")
            failures = []
            for page in pages:
                text, went = browser.visit(page)
                if "data-ran" in text or went or len(text) < 300:
                    failures.append(f"{page[:60]}: ran {'data-ran' in text}, went elsewhere {went}, {text[:60]!r}")
            self.none_of("a browser runs nothing of theirs and asks nobody", failures, len(pages))
        finally:
            browser.close()

    def spreadsheets(self):
        names = [it["name"] for it in json.loads(self.daemon.call("GET", "/api/v1/reports")[1])["items"]]
        failures, cells = [], 0
        for name in names:
            status, text, headers = self.daemon.call("GET", f"/api/v1/reports/{name}?format=csv&from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z", timeout=60)
            if status != 200 or not headers["Content-Type"].startswith("text/csv"):
                failures.append(f"{name}: {status} {text[:100]}")
                continue
            rows = list(csv.reader(io.StringIO(text, newline="")))
            cells += sum(len(row) for row in rows)
            failures += [f"{name}: {cell[:40]!r}" for row in rows for cell in row if cell.startswith(FORMULA)]
            failures += [f"{name}: {len(row)} cells" for row in rows if len(row) != len(rows[0])]
        self.none_of("no cell of a report begins a formula", failures, cells)

    def webhooks(self):
        told = wait_for(lambda: len(self.hook.log()) >= 50 and self.hook.log(), 30) or []
        failures = []
        for it in told:
            body = json.loads(it["body"])
            if it["result"] != "accepted" or not isinstance(body, dict) or any(ord(c) < 0x20 for c in it["body"]):
                failures.append(it["body"][:200])
        self.none_of("what a webhook gets is signed, whole JSON", failures, len(told))

    def on_a_terminal(self, *words):
        """What the command writes where its output is a terminal."""
        leader, follower = pty.openpty()
        command = subprocess.Popen([program("earshot"), *words, "--server", f"http://127.0.0.1:{self.daemon.port}", "--as", "jo"],
                                   stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, cwd=self.folder.path)
        os.close(follower)
        parts = []
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # the terminal is closed
                break
            if not part:
                break
            parts.append(part)
        os.close(leader)
        command.wait()
        return b"".join(parts).decode("utf-8", "replace").replace("\r\n", "\n")

    def terminal(self):
        one = str(self.cases[0]["number"])
        span = ["--from", "2026-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"]
        commands = [["cases", "list", "--state", "all", "--limit", "500"], ["cases", "list", "--state", "all", "--limit", "500", "--json"],
                    ["cases", "show", one], ["cases", "told", one], ["storms", "list"], ["quarantine", "list"], ["question", "list"],
                    ["digest", "show", *span], ["digest", "show", *span, "--format", "html"], ["report"],
                    ["customer", "show", "push:a0"]]
        commands += [["cases", "show", str(it["number"])] for it in self.cases[1:15]]
        commands += [["report", name, *span, "--csv"] for name in ("by_hand", "fairness")]
        failures, lines = [], 0
        for words in commands:
            text = self.on_a_terminal(*words)
            lines += text.count("\n")
            why = hidden(text)
            if why or not text:
                failures.append(f"{' '.join(words)}: {why}")
        self.none_of("the command writes visible characters to a terminal", failures, lines)

    def run(self):
        try:
            self.begin()
            self.write_everything()
            self.webhooks()
            self.api()
            self.stream()
            self.pages()
            if support.FULL:
                self.browser()
            self.spreadsheets()
            self.terminal()
            self.metrics()
            self.log()
            self.that(self.daemon.running() and self.daemon.stop() == 0, "and the daemon ends well")
        finally:
            self.daemon.kill()
            self.hook.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        InjectionTrial(place, result).run()
    result.end()
