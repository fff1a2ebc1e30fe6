#!/usr/bin/env python3
"""No secret leaves by a side door (RELIABILITY 4.5): every kind of secret of the configuration is a canary, every service it is meant for is
clumsy and echoes what it was sent in its errors, and the daemon logs all it can. Then the canaries are looked for in the log, the metrics, every
answer of the API, what check-config and doctor say of good and bad files, the database, its backup and an export. Prints "N passed, N failed"."""
import base64
import glob
import json
import os
import re
import secrets
import socketserver
import subprocess
import threading
import time

import support
from real import HAZARD, Trial
from support import Checks, Folder, Server, program, wait_for

ADMIN = {"X-Earshot-Person": "jo"}


def forms(word):
    """The word, and what it is in base64 wherever it begins: the ends, which depend on the neighbours, cut off."""
    return [word.encode()] + [base64.b64encode(b"\0" * shift + word.encode())[4:-4] for shift in range(3)]


class Echo(Server):
    """Refuses everything and says back all that it was sent: path, headers and body, in the body, in headers and as a redirect."""

    def __init__(self):
        self.seen = []
        super().__init__(self.take)

    def take(self, handler, body):
        said = f"{handler.path} {handler.headers.get('Authorization')} {body.decode('utf-8', 'replace')}"
        self.seen.append(said + str(handler.headers))
        status = (400, 401, 302, 500, 404)[len(self.seen) % 5]
        line = re.sub(r"[\r\n]", " ", said)[:3000]
        handler.send_response(status, "refused " + line[:300])
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Location", f"http://127.0.0.1:{self.port}{handler.path}?again=" + re.sub(r"\W", "", line)[:200])
        handler.send_header("WWW-Authenticate", "Bearer realm=" + re.sub(r'[^A-Za-z0-9]', "", line)[:300])
        answer = json.dumps({"error": line, "message": line, "detail": line, "errors": [line], "description": line}).encode()
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)


class Talk:
    """A mail server that refuses every sign-in and says back what it was given."""

    def __init__(self, greeting, answer):
        self.seen = seen = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(greeting)
                for line in self.rfile:
                    seen.append(line.decode("utf-8", "replace"))
                    self.wfile.write(answer(line))

        class Quiet(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # whoever goes away in the middle

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def imap(line):
    tag, _, rest = line.partition(b" ")
    if rest.upper().startswith(b"CAPABILITY"):
        return b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n"
    return tag + b" NO refused: " + rest.strip() + b"\r\n"


def smtp(line):
    if line.upper().startswith((b"EHLO", b"HELO")):
        return b"250-house\r\n250 AUTH PLAIN LOGIN\r\n"
    if line.upper().startswith(b"AUTH"):
        return b"334 \r\n"
    return b"535 refused: " + line.strip() + b"\r\n"


class SecretTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.echo, self.canaries = Echo(), {}
        self.imap, self.smtp = Talk(b"* OK house\r\n", imap), Talk(b"220 house\r\n", smtp)

    def canary(self, name, form="{}"):
        """Writes a file with a new canary; the file's name."""
        word = "Canary" + secrets.token_hex(12)
        self.canaries[name] = word
        self.folder.write(name, form.format(word))
        return name

    def found_in(self, data):
        """Names of the secrets that stand in these bytes, bare or in base64 behind anything (Basic authentication)."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        return sorted(name for name, word in self.canaries.items() if any(form in data for form in forms(word)))

    def none_in(self, what, data):
        self.that(data and not self.found_in(data), f"no secret in {what} ({len(data)} bytes)", str(self.found_in(data)) if data else "nothing")

    def begin(self):
        at = f"http://127.0.0.1:{self.echo.port}"
        hook = at + "/hooks/{}"
        sources = [{"name": "press", "type": "feed", "url": at + "/rss", "user": "reader", "password_file": self.canary("feed.pw")},
                   {"name": "wire", "type": "feed", "url": at + "/wire", "token_file": self.canary("wire.token")},
                   {"name": "masto", "type": "mastodon", "url": at, "timeline": "mentions", "token_file": self.canary("masto.token")},
                   {"name": "sky", "type": "bluesky", "url": at, "identifier": "care.house.example", "query": "lamp",
                    "password_file": self.canary("sky.pw")},
                   {"name": "box", "type": "imap", "url": f"imap://127.0.0.1:{self.imap.port}/INBOX", "user": "care",
                    "password_file": self.canary("box.pw")},
                   {"name": "push", "type": "push", "token_file": self.canary("push.token")}]
        for it in sources[:5]:
            it.update(every="1s", min_every="1s")
        plain = [("slack", {"url_file": self.canary("slack.url", hook)}), ("teams", {"url_file": self.canary("teams.url", hook)}),
                 ("mattermost", {"url_file": self.canary("mm.url", hook)}), ("discord", {"url_file": self.canary("discord.url", hook)}),
                 ("slack", {"url": at, "token_file": self.canary("slack.token"), "channel": "C01"}),
                 ("mattermost", {"url": at, "token_file": self.canary("mm.token"), "channel": "c1"}),
                 ("telegram", {"url": at, "token_file": self.canary("tg.token", "123:{}"), "chat": "-100"}),
                 ("matrix", {"url": at, "token_file": self.canary("mx.token"), "room": "!r:house.example"}),
                 ("ntfy", {"url": at, "topic_file": self.canary("ntfy.topic"), "token_file": self.canary("ntfy.token")}),
                 ("pagerduty", {"url": at, "key_file": self.canary("pd.key")}), ("opsgenie", {"url": at, "key_file": self.canary("og.key")}),
                 ("alertmanager", {"url": at, "token_file": self.canary("am.token")}),
                 ("sms", {"url": at, "account": "AC1", "token_file": self.canary("sms.token"), "from": "+15550001", "to": "+15550002"}),
                 ("voice", {"url": at, "account": "AC1", "token_file": self.canary("voice.token"), "from": "+15550001", "to": "+15550002"}),
                 ("webhook", {"url_file": self.canary("hook.url", hook), "token_file": self.canary("hook.token")}),
                 ("webhook", {"url": at, "secret_file": self.canary("hook.secret", "whsec_{}AA")}), ("email", {"to": ["ops@house.example"]})]
        self.receivers = [{"name": f"r{n}", "type": kind, **more} for n, (kind, more) in enumerate(plain)]
        self.write(sources, self.receivers, "r0", swap=[("level: info", "level: debug")], extra=(
            f"mail: {{url: \"smtp://127.0.0.1:{self.smtp.port}\", from: e@house.example, user: daemon, password_file: {self.canary('smtp.pw')}, "
            "network: {allow: [\"127.0.0.1/32\"], insecure_http: true}}\n"
            f"heartbeat: {{url_file: {self.canary('beat.url', hook)}}}\n"))
        path = os.path.join(self.folder.path, "earshot.yaml")
        with open(path, encoding="utf-8") as file:
            self.text = file.read().replace("open_on_loopback: true", f"open_on_loopback: true, token_file: {self.canary('admin.token')}")
        self.folder.write("earshot.yaml", self.text)
        self.daemon.start()

    def provoke(self):
        for it in self.receivers:
            self.daemon.call("POST", f"/api/v1/receivers/{it['name']}/test", {}, ADMIN)
        self.push(*HAZARD[:4])
        first, push = ({"Authorization": "Bearer " + self.canaries[name]} for name in ("admin.token", "push.token"))
        answer = self.daemon.call("GET", "/api/v1/me", headers=first)
        self.that(answer[0] == 200 and '"admin"' in str(answer[1]), "web.token_file holds the first admin's token", str(answer)[:200])
        answer = self.daemon.call("GET", "/api/v1/cases", headers=push)
        self.that(answer[0] == 403, "the token of a source of type push opens nothing but pushing", str(answer)[:200])
        for word in self.canaries.values():  # as tokens too: right, wrong, in addresses
            self.daemon.call("GET", "/api/v1/cases", headers={"Authorization": "Bearer " + word})
            self.daemon.call("GET", f"/api/v1/oncall/care.ics?token={word}")
        wait_for(lambda: len([it for it in self.canaries if it in self.used()]) >= 24, 20)
        time.sleep(2)
        used = self.used()
        self.that(len(used) >= 24, "the services were sent their secrets, and said them back", f"not sent: {sorted(set(self.canaries) - set(used))}")

    def used(self):
        return self.found_in("\n".join(self.echo.seen + self.imap.seen + self.smtp.seen))

    def answers(self):
        document = json.loads(self.daemon.call("GET", "/api/v1/openapi.json", headers=ADMIN)[1])
        case = self.daemon.cases()[0]["id"]
        paths = [re.sub(r"\{id\}", case, it).replace("{name}", "care.ics" if "oncall" in it else "by_hand").replace("{day}", "2026-11-20")
                 for it, item in document["paths"].items() if "get" in item and it != "/api/v1/events"]
        text = "".join(f"{path}\n{self.daemon.call('GET', path, headers=ADMIN, timeout=60)}\n" for path in paths)
        self.none_in(f"{len(paths)} answers of the API", text)
        self.none_in("the metrics", self.daemon.call("GET", "/metrics")[1])

    def earshot(self, *words):
        done = subprocess.run([program("earshot"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.folder.path, check=False,
                              timeout=120)
        return done.stdout

    def check_config(self):
        self.none_in("check-config of the good file", self.earshot("check-config", "earshot.yaml") + b" ")
        said = b""
        os.chmod(os.path.join(self.folder.path, "feed.pw"), 0o644)
        said += self.earshot("check-config", "earshot.yaml") + self.earshot("doctor", "--config", "earshot.yaml", "--db", "earshot.db")
        os.chmod(os.path.join(self.folder.path, "feed.pw"), 0o600)
        wrong = ('"{0}": "{1}"', '"{0}_file": "{1}"', '"{0}_fiel": "{1}"', '"{0}_file": ["{1}"]', '"url": "https://user:{1}@house.example/"')
        places = re.findall(r'"?([a-z]+)_file"?: "?([a-z]+\.[a-z]+)', self.text)
        for form in wrong:
            for first in range(0, len(places), 9):
                bad = self.text
                for key, name in places[first:first + 9]:
                    line = form.format(key, self.canaries[name])
                    bad = re.sub(rf'"?{key}_file"?: "?{re.escape(name)}"?', lambda _, line=line: line, bad)
                self.folder.write("bad.yaml", bad)
                out = self.earshot("check-config", "bad.yaml")
                self.that(b"bad.yaml:" in out and b"***" in out, f"check-config shows stars for {form} from {places[first][1]} on", out.decode()[:300])
                said += out
        self.none_in("what check-config and doctor say of bad ones", said)

    def files(self):
        self.none_in("doctor", self.earshot("doctor", "--config", "earshot.yaml", "--db", "earshot.db"))
        self.none_in("the ledger", self.earshot("ledger", "list", "--db", "earshot.db"))
        self.earshot("backup", "--db", "earshot.db", "--out", "copy.db")
        for pattern in ("earshot.db*", "copy.db*"):
            names = [it for it in glob.glob(os.path.join(self.folder.path, pattern)) if os.path.isfile(it)]
            data = b""
            for name in names:
                with open(name, "rb") as file:
                    data += file.read()
            self.none_in(f"the files {pattern}", data)
        status, text, _ = self.daemon.call("POST", "/api/v1/privacy/export", {"author": "pc0", "reason": "test"}, ADMIN)
        self.none_in(f"an export ({status})", text)

    def run(self):
        try:
            self.begin()
            self.provoke()
            self.answers()
            self.check_config()
            self.files()
            self.that(self.reload(), "a reload is said")
            stopped = self.daemon.stop()
            self.that(stopped == 0, "the daemon ends well", str(stopped))
            for line in self.daemon.log().split("\n"):
                if self.found_in(line):
                    print("     " + line[:400])
            self.none_in("the log at debug level", self.daemon.log())
        finally:
            self.daemon.kill()
            self.echo.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        SecretTrial(place, result).run()
    result.end()
