"""What the tests against real servers share: servers by their scripts, rows of free ports, posts read back from the database, a TCP
proxy that can be cut, a daemon with its folder. Python standard library only, loopback only."""
import datetime
import json
import os
import random
import re
import select
import signal
import socket
import threading
import urllib.error
import urllib.request

import support
from support import Daemon, Shell, wait_for

HAZARD = ["Smoke came out of my Brightwave Glow lamp and the plug melted, my daughter burnt her hand",
          "My Brightwave Glow caught fire on the shelf and the curtain is burning, what do I do now",
          "The Brightwave Glow gave me an electric shock, my arm is numb and I am in hospital",
          "Your Glow exploded in my son's face, Brightwave, he is bleeding and nobody picks up the phone",
          "There is a burning smell and sparks from the Brightwave Glow charger, the socket is black",
          "The Brightwave Glow burst into flames on the table, my husband has burns on both hands"]


def free_row(count):
    """The first of `count` free ports in a row, below the kernel's range for outgoing connections."""
    for _ in range(300):
        base = random.randrange(20000, 32000 - count)
        held = []
        try:
            for port in range(base, base + count):
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
    raise RuntimeError("no row of free ports")


class Real(Shell):
    """A server of tests/servers on free ports, its data below the folder's path. start() raises where it does not come up."""

    def __init__(self, script, ports, folder, **environment):
        super().__init__(script, free_row(ports), os.path.join(folder.path, "srv"), **environment)
        os.makedirs(self.environment["SRV_ROOT"], exist_ok=True)
        self.first, self.said = int(self.port), ""

    def start(self, *more):
        done = self.run("start", *more, seconds=900)
        self.said = done.stdout
        if done.returncode:
            raise RuntimeError(f"{self.command[-1]} did not start:\n{done.stdout[-3000:]}")
        return self

    def word(self, prefix):
        """A word of what the script said: word("ca=") is the file of the authority."""
        found = re.search(re.escape(prefix) + r"(\S+)", self.said)
        return found.group(1) if found else ""

    def must(self, what, *more):
        done = self.run(what, *more)
        if done.returncode:
            raise RuntimeError(f"{what}: {done.stdout[-2000:]}")
        return done.stdout


def ask(method, url, body=None, headers=None):
    """(status, what the JSON of the answer says or its text)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


class Proxy:
    """Forwards TCP from a free port to another one. cut() resets what is open; while `shut`, new connections are closed at once."""

    def __init__(self, to):
        self.to, self.shut, self.pairs, self.lock, self.count = to, False, [], threading.Lock(), 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                if self.shut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            with self.lock:
                self.pairs.append((near, far))
                self.count += 1
            threading.Thread(target=self.carry, args=(near, far), daemon=True).start()

    @staticmethod
    def carry(near, far):
        try:
            while True:
                for one in select.select([near, far], [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    (far if one is near else near).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            near.close()
            far.close()

    def cut(self):
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for one in pair:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.listener.close()
        self.cut()


WORDS = ("url", "author_id", "author_name", "author", "title", "text", "language", "in_reply_to", "conversation", "quoted")
LISTS = ("mentions", "hashtags", "cashtags", "links", "addressed")
AUTOMATIC = (None, "auto-reply", "bounce", "list", "bulk")


def read_post(body):
    """A post's body as the store writes it (src/store/sqlite_post_codec.cpp): varints, texts with their length before them."""
    at = 1

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = body[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text():
        nonlocal at
        size = number()
        at += size
        return body[at - size:at].decode("utf-8")

    def instant():
        raw = number()
        millis = raw >> 1 ^ -(raw & 1)
        return datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    flags, post = number(), {}
    post["automatic"], post["channel"] = AUTOMATIC[number()], number()
    post["followers"] = number() if flags & 4 else None
    post["created_at"] = instant() if flags & 8 else None
    post["updated_at"] = instant() if flags & 16 else None
    post.update({name: text() for name in WORDS})
    post.update({name: [text() for _ in range(number())] for name in LISTS})
    post["public"] = bool(flags & 1)
    return post


class Trial:
    """A daemon on a folder with sources and receivers."""

    def __init__(self, folder, checks):
        self.folder, self.that = folder, checks.that
        self.daemon = Daemon(folder, support.free_port())

    def write(self, sources, receivers, contact="hook", extra="", swap=()):
        """Writes the configuration; `swap` replaces pieces of the usual text."""
        text = support.config(self.daemon.port, sources, receivers, contact, extra)
        for old, new in swap:
            if old not in text:
                raise RuntimeError("not in the configuration: " + old)
            text = text.replace(old, new)
        self.folder.write("earshot.yaml", text)

    def reload(self):
        before = self.daemon.log().count("configuration loaded") + self.daemon.log().count("configuration refused")
        os.kill(self.daemon.process.pid, signal.SIGHUP)
        return wait_for(lambda: self.daemon.log().count("configuration loaded") + self.daemon.log().count("configuration refused") > before)

    def posts(self, source):
        """{native id: post with seq, case and deleted}"""
        rows = self.daemon.rows("SELECT p.* FROM post p JOIN origin o ON o.id = p.origin WHERE o.name = ? ORDER BY p.seq", source)
        return {row["native"]: {**read_post(row["body"]), "case": row["case_id"], "deleted": row["deleted"], "version": row["version"]}
                for row in rows}

    def source(self, name):
        rows = self.daemon.rows("SELECT * FROM source WHERE name = ?", name)
        return rows[0] if rows else {}

    def outbox(self, receiver):
        return self.daemon.rows("SELECT * FROM outbox WHERE receiver = ? ORDER BY id", receiver)

    def ledger(self, kind):
        return [json.loads(row["data"]) for row in self.daemon.rows("SELECT data FROM ledger WHERE kind = ? ORDER BY n", kind)]

    def push(self, *texts, prefix="p"):
        """Posts of different customers, by the API; returns the answer."""
        items = [{"id": f"{prefix}{n}", "author": {"id": f"{prefix}a{n}", "name": f"Customer {prefix}{n}", "handle": f"{prefix}c{n}"},
                  "text": text, "url": f"https://social.example/{prefix}{n}"} for n, text in enumerate(texts)]
        return self.daemon.call("POST", "/api/v1/posts", items)

    def act(self, number, action, body=None, who="jo"):
        return self.daemon.call("POST", f"/api/v1/cases/{number}/{action}", body or {}, {"X-Earshot-Person": who})

    def settle(self, number):
        """From open to closed through every gate."""
        for action, body, who in (("ack", {}, "jo"), ("answer", {"text": "We are ringing you now."}, "jo"),
                                  ("feedback", {"said": "We are sorry.", "done": "New lamp sent.", "cause": "firmware",
                                                "department": "engineering", "product_change": "no"}, "jo"),
                                  ("verify", {"outcome": "satisfied"}, "ceo"), ("close", {}, "jo")):
            self.last = self.act(number, action, body, who)
        return self.daemon.get(f"/api/v1/cases/{number}").get("state")
