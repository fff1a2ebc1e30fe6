#!/usr/bin/env python3
"""Being on call, from outside: a page by text message is answered by one, ways of telling proved by a code, absences, swaps, overrides,
calendars out and in, silences by the command, what waits and until when, storms in lists and in explain, whose cases one sees, the cues in
the reader's language, an outage and a wall clock that jumps. Prints "N passed, N failed" last."""
import base64
import glob
import hashlib
import hmac
import json
import os
import re
import subprocess
import time
import urllib.parse

import support
from real import HAZARD, Trial
from support import Checks, Daemon, Folder, Server, Webhook, reply, wait_for

TOKEN = "provider-secret"
PHONE = "+4917012345678"
DOWN = ["@Brightwave your app is down again and I cannot use what I paid for, I am so angry",
        "The Brightwave app is down again, I cannot log in, this is unacceptable",
        "@Brightwave another outage, the whole app is down again and I am fed up, what a disgrace",
        "I cannot switch on my lamp, your servers are down again @Brightwave, terrible service",
        "@Brightwave the server is down again, all I get is errors and your support ignores me",
        "Brightwave's servers are down again and your support does not answer, so disappointed"]


def day(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))


class Provider(Server):
    """Takes text messages as Twilio does and keeps them."""

    def __init__(self):
        self.sent = []
        super().__init__(self.take)

    def take(self, handler, body):
        if handler.command == "GET":
            return reply(handler, 200, b'{"messages":[]}')
        self.sent.append(dict(urllib.parse.parse_qsl(body.decode())))
        return reply(handler, 201, json.dumps({"sid": f"SM{len(self.sent):032d}", "status": "queued"}).encode())


class OncallTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.provider = Provider()
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))

    def configure(self, extra="", steps='[{notify: ["schedule:care"], after: 0m}, {notify: ["person:kim"], after: 30m}]'):
        folder, hook = self.folder, f"http://127.0.0.1:{self.hook.port}/"
        folder.write("hook.secret", support.SECRET)
        folder.write("sms.token", TOKEN)
        folder.write("rota.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
                     "DTSTART:20260105T090000Z\r\nDTEND:20260105T170000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Jo Adler\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
        folder.write("earshot.yaml", f"""mode: live
company: {{name: Brightwave, handles: ["@Brightwave"], products: [{{name: Glow}}]}}
principals: [{{id: ceo, name: M. Lind, handles: ["@brightwave_ceo"], delegate: kim}}]
sources: [{{name: push, type: push}}]
people:
  - {{id: jo, name: Jo Adler, language: en, contact: [{{sms: "{PHONE}"}}, {{via: hook}}], notify: {{page: [sms now, hook now], queue: [hook now]}}, manager: kim}}
  - {{id: kim, name: Kim Brandt, contact: [{{via: hook}}]}}
  - {{id: lee, name: Lee, contact: [{{via: hook}}]}}
teams: [{{name: care, members: [jo, kim], schedule: care}}, {{name: billing, members: [lee]}}]
schedules:
  - {{name: care, zone: UTC, layers: [{{people: [jo]}}]}}
  - {{name: old, zone: UTC, layers: [{{ical: rota.ics, who: {{"Jo Adler": jo}}}}]}}
escalations: [{{name: standard, steps: {steps}}}]
route: {{team: care, escalation: standard, receivers: [room]}}
receivers:
  - {{name: hook, type: webhook, url: "{hook}", secret_file: hook.secret}}
  - {{name: room, type: webhook, url: "{hook}", secret_file: hook.secret, rate: {{per_minute: 6, burst: 2, reserve: 1}}}}
  - {{name: sms, type: sms, account: AC00000000000000000000000000000001, token_file: sms.token, from: "+15005550006", url: "http://127.0.0.1:{self.provider.port}"}}
acknowledge: {{sms: {{token_file: sms.token}}}}
storms: {{at_least: 3, window: 10m}}
network: {{allow: ["127.0.0.1/32"], insecure_http: true}}
web: {{listen: "127.0.0.1:{self.daemon.port}", open_on_loopback: true, public_url: "https://earshot.example"}}
log: {{level: info, format: logfmt}}
{extra}""")

    def cli(self, *words, who="kim"):
        done = subprocess.run([support.program("earshot"), *words, "--server", f"127.0.0.1:{self.daemon.port}", "--as", who], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, check=False)
        try:
            return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr
        except ValueError:
            return done.returncode, done.stdout, done.stderr

    def api(self, method, path, body=None, who="kim"):
        status, text, _ = self.daemon.call(method, path, body, {"X-Earshot-Person": who})
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def text(self, words, sender=PHONE, token=TOKEN):
        form = {"From": sender, "To": "+15005550006", "Body": words, "MessageSid": "SM1"}
        said = "https://earshot.example/hooks/sms" + "".join(name + form[name] for name in sorted(form))
        sign = base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()
        return self.daemon.call("POST", "/hooks/sms", urllib.parse.urlencode(form),
                                {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": sign})

    def by_text_message(self):
        self.push(HAZARD[0])
        if not self.that(wait_for(lambda: self.provider.sent, 15), "the page is sent as a text message", self.daemon.log()[-600:]):
            return
        page = self.provider.sent[0]
        code = re.findall(r"Code: (\d{4})", page["Body"])
        self.that(page["To"] == PHONE and code, "to the person's number, with four digits", str(page))
        words = f"ACK {code[0]}" if code else "ACK"
        self.that(self.text(words, token="another")[0] == 403, "a reply without the provider's signature is refused")
        self.that("does not know" in self.text(words, sender="+4917099999999")[1], "a stranger's number takes nothing")
        self.that(self.daemon.cases()[0]["state"] == "open", "and the case is open")
        done = self.text(words)
        self.that(done[0] == 200 and "You have case 1 now" in done[1], "the digits sent back acknowledge", done[1])
        case = self.api("GET", "/api/v1/cases/1")[1]
        self.that(case["owner"]["id"] == "jo", "and jo owns it", str(case["owner"]))
        waiting = [row for row in self.daemon.rows("SELECT state, lane FROM outbox WHERE case_id = ?", case["id"]) if row["lane"] == 0]
        self.that(all(row["state"] in ("ok", "cancelled") for row in waiting), "no page waits any more", str(waiting))
        self.that("You have case 1 now" in self.text(words)[1], "sent twice it says the same", self.text(words)[1])

    def contacts(self):
        code, listed, error = self.cli("user", "contacts", who="jo")
        self.that(code == 0 and [it["verified"] for it in listed] == [False, False], "earshot user contacts shows what is not proved", str(listed) + error)
        before = len(self.provider.sent)
        code, _, error = self.cli("user", "verify", "1", who="jo")
        sent = wait_for(lambda: self.provider.sent[before:], 15)
        self.that(code == 0 and sent, "earshot user verify sends a code to the phone", error)
        secret = re.findall(r"\d{6}", sent[-1]["Body"]) if sent else []
        self.that(self.cli("user", "verify", "1", "--code", "000000", who="jo")[0] == 1, "a wrong code proves nothing")
        self.that(secret and self.cli("user", "verify", "1", "--code", secret[0], who="jo")[0] == 0, "the right one does", str(sent))
        listed = self.cli("user", "contacts", "--person", "jo", who="kim")[1]
        self.that([it["verified"] for it in listed] == [True, False], "and a manager sees it", str(listed))

    def on_call(self, at, schedule="care"):
        found = self.api("GET", "/api/v1/oncall?at=" + at)[1]
        return [it["person"]["id"] for one in found if one["schedule"]["id"] == schedule for it in one["now"]]

    def rota(self):
        code, made, error = self.cli("override", "add", "--schedule", "care", "--from", day(1), "--to", day(2), "--add", "lee", "--remove", "jo",
                                     "--reason", "dentist")
        self.that(code == 0 and self.on_call(day(1.5)) == ["lee"], "earshot override puts somebody else on call", error)
        code, shown, error = self.cli("override", "preview", "--schedule", "care", "--from", day(3), "--to", day(4), "--add", "kim")
        self.that(code == 0 and shown["after"] and self.on_call(day(3.5)) == ["jo"], "a preview changes nothing", error + str(shown)[:200])
        self.that(self.cli("override", "expire", made["id"])[0] == 0 and self.on_call(day(1.5)) == ["jo"], "expired it is as before")
        code, away, error = self.cli("absence", "add", "--person", "jo", "--from", day(5), "--to", day(6), "--substitute", "kim", who="jo")
        self.that(code == 0 and self.on_call(day(5.5)) == ["kim"], "while jo is away the substitute stands in", error)
        code, asked, error = self.cli("swap", "ask", "--schedule", "care", "--from", day(7), "--to", day(8), "--with", "lee", who="jo")
        self.that(code == 0 and self.on_call(day(7.5)) == ["jo"], "a swap that is only asked for changes nothing", error)
        self.that(self.cli("swap", "accept", asked["id"], who="lee")[0] == 0 and self.on_call(day(7.5)) == ["lee"], "accepted it does")
        self.cli("absence", "end", away["id"], who="jo")
        status, text, headers = self.daemon.call("GET", "/api/v1/oncall/care.ics")
        self.that(status == 200 and text.startswith("BEGIN:VCALENDAR") and "Lee on call: care" in text and "text/calendar" in headers["Content-Type"],
                  "the calendar to subscribe to has the swap", text[:200])
        self.that(self.on_call("2026-12-01T10:00:00Z", "old") == ["jo"] and self.on_call("2026-12-01T20:00:00Z", "old") == [],
                  "a layer is read from an iCalendar file")
        gaps = self.api("GET", "/api/v1/oncall/gaps?days=60")[1]["gaps"]
        self.that(len([it for it in gaps if it["schedule"]["id"] == "old"]) >= 59 and not [it for it in gaps if it["schedule"]["id"] == "care"],
                  "the forecast of 60 days shows its nights as gaps, and none of care", str(len(gaps)))

    def silence(self):
        code, seen, error = self.cli("silence", "preview", "urgency = page")
        self.that(code == 0, "earshot silence preview", error)
        code, made, error = self.cli("silence", "add", "urgency = page", "--for", "2h", "--reason", "a drill")
        self.that(code == 0 and made["id"], "earshot silence add", error)
        before = len(self.provider.sent)
        self.push("@Brightwave somebody took over my account and ordered lamps for 900 euros with my card, stop this now", prefix="s")
        time.sleep(2)
        self.that(len(self.provider.sent) == before, "what is silenced pages nobody", str(self.provider.sent[before:]))
        code, listed, error = self.cli("silence", "list")
        self.that(code == 0 and made["id"] in json.dumps(listed), "earshot silence list", error + str(listed)[:300])
        said = self.api("POST", "/api/v1/explain", {"text": "@Brightwave somebody took over my account and ordered lamps with my card"})[1]
        self.that("silenced by kim" in json.dumps(said["stopped_by"]), "explain names the silence", str(said["stopped_by"]))
        self.push(HAZARD[1], prefix="h")
        self.that(wait_for(lambda: len(self.provider.sent) > before, 15) and "sent all the same" in json.dumps(self.hook.log()),
                  "a hazard is told all the same, and says so")
        self.that(self.cli("silence", "expire", made["id"])[0] == 0, "earshot silence expire")
        self.that(wait_for(lambda: len(self.provider.sent) > before + 1, 15), "and what it withheld is told")

    def waiting(self):
        for _ in range(4):
            self.daemon.call("POST", "/api/v1/receivers/room/test?urgency=queue", {})
        rows = wait_for(lambda: [it for it in self.api("GET", "/api/v1/outbox")[1] if it["receiver"] == "room" and it["delayed_until"]], 10)
        self.that(rows and rows[0]["per_minute"] == 6 and rows[0]["depth"] >= 1, "the outbox says until when a rate limit delays what waits", str(rows))

    def storm(self):
        for case in self.daemon.cases():
            if case["state"] == "open":
                self.act(case["number"], "dismiss", {"reason": "spam"}, "kim")
        for n in range(6):
            self.push(DOWN[0], prefix=f"d{n}")
        storms = wait_for(lambda: self.api("GET", "/api/v1/storms")[1], 10)
        if not self.that(storms, "copies of one text are a storm"):
            return
        listed = self.api("GET", "/api/v1/cases?state=all&storm=" + storms[0]["id"])[1]
        self.that(listed["total"] == storms[0]["cases"] and listed["total"] >= 1, "cases are listed by their storm", str(listed["total"]))
        self.that(self.api("GET", "/api/v1/cases?state=all&storm=none")[1]["total"] == 0, "another storm has none")

    def language(self):
        self.push("@Brightwave Rauch kam aus meiner Lampe, der Stecker ist geschmolzen, meine Tochter hat sich die Hand verbrannt", prefix="g")
        found = wait_for(lambda: [it["body"] for it in self.hook.log() if "Stecker" in it["body"]], 15)
        self.that(found and re.search("danger|burn|fire|injur|safety", found[-1]), "the page of a German post has its cues in the reader's words",
                  str(found)[:400])

    def outage(self):
        """Four steps fall due while it is down: only the current one is taken."""
        self.daemon.stop()
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.daemon.db + end):
                os.unlink(self.daemon.db + end)
        self.configure(steps='[{notify: ["person:jo"], after: 0m}, {notify: ["person:kim"], after: 3s}, {notify: ["person:lee"], after: 6s}, '
                             '{notify: ["person:kim"], after: 9s}, {notify: ["person:lee"], after: 5m}]')
        self.daemon.start()
        self.push(HAZARD[2], prefix="o")
        wait_for(lambda: self.daemon.rows("SELECT 1 FROM outbox WHERE person = 'jo' AND state = 'ok'"), 10)
        self.daemon.kill()
        time.sleep(11)
        self.daemon.start()
        wait_for(lambda: self.daemon.rows("SELECT 1 FROM outbox WHERE person = 'kim'"), 10)
        time.sleep(3)
        rows = self.daemon.rows("SELECT person, step FROM outbox WHERE lane = 0 AND person IN ('kim', 'lee')")
        self.that([(row["person"], row["step"]) for row in rows] == [("kim", 3)], "after an outage only the current step is taken", str(rows))

    def clock_jump(self):
        library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not self.that(library, "libfaketime is installed"):
            return
        self.daemon.stop()
        os.unlink(self.daemon.db)
        self.configure(steps='[{notify: ["person:jo"], after: 0m}, {notify: ["person:kim"], after: 30m}]')
        shift = self.folder.write("shift", "+0\n")
        self.daemon.launch(environment={"LD_PRELOAD": library[0], "FAKETIME_TIMESTAMP_FILE": shift, "FAKETIME_NO_CACHE": "1",
                                        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"})
        wait_for(self.daemon.ready, 30)
        self.push(HAZARD[3], prefix="j")
        wait_for(lambda: self.daemon.rows("SELECT 1 FROM outbox WHERE person = 'jo'"), 10)
        self.folder.write("shift", "+2h\n")
        jumped = wait_for(lambda: self.ledger("clock_jumped"), 15)
        self.that(jumped, "a wall clock that jumps two hours ahead is noticed", self.daemon.log()[-400:])
        time.sleep(3)
        rows = self.daemon.rows("SELECT person FROM outbox WHERE person = 'kim' AND lane = 0")
        self.that(not rows, "nobody is paged early for it", str(rows))
        due = self.daemon.rows("SELECT due FROM timer WHERE kind = 'escalate'")
        left = due[0]["due"] / 1000 - (time.time() + 7200) if due else -1
        self.that(25 * 60 < left < 31 * 60, "the next step stands where the steady clock has it", str(left))

    def scope(self):
        """Two teams behind tokens: another team's case does not exist."""
        closed = Daemon(self.folder, support.free_port())
        closed.db = os.path.join(self.folder.path, "closed.db")
        text = open(self.daemon.config, encoding="utf-8").read()
        closed.config = self.folder.write("closed.yaml", text.replace(f'{self.daemon.port}", open_on_loopback: true', f'{closed.port}"'))
        tokens = {}
        for person, role in (("jo", "responder"), ("lee", "responder"), ("", "service")):
            words = ["token", "add", "--role", role, "--config", closed.config, "--db", closed.db] + (["--person", person] if person else [])
            done = subprocess.run([support.program("earshot"), *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                                  cwd=self.folder.path, timeout=30)
            found = re.search(r"(es_\S+|[A-Za-z0-9_-]{30,})", done.stdout)
            tokens[person] = found.group(1).strip('",') if found else done.stdout + done.stderr

        def ask(person, method, path, body=None):
            status, answer, _ = closed.call(method, path, body, {"Authorization": "Bearer " + tokens[person]})
            return status, answer

        try:
            closed.start()
            sent = ask("", "POST", "/api/v1/posts", [{"id": "1", "author": {"id": "a"}, "text": HAZARD[4]}])
            self.that(sent[0] == 202, "a service's token pushes", str(sent))
            mine, theirs = ask("jo", "GET", "/api/v1/cases"), ask("lee", "GET", "/api/v1/cases")
            self.that(mine[0] == 200 and json.loads(mine[1])["total"] == 1, "the team sees its case", str(mine)[:300])
            self.that(theirs[0] == 200 and json.loads(theirs[1])["total"] == 0, "another team's list does not have it", str(theirs)[:300])
            number = json.loads(mine[1])["items"][0]["number"] if mine[0] == 200 else 1
            self.that(ask("lee", "GET", f"/api/v1/cases/{number}")[0] == 404 and ask("lee", "POST", f"/api/v1/cases/{number}/ack", {})[0] == 404,
                      "nor can it be shown or taken")
            self.that(ask("jo", "POST", f"/api/v1/cases/{number}/ack", {})[0] == 200, "its own team takes it")
        finally:
            closed.kill()

    def run(self):
        try:
            self.configure()
            self.daemon.start()
            for part in (self.by_text_message, self.contacts, self.rota, self.silence, self.waiting, self.language, self.storm, self.scope,
                         self.outage, self.clock_jump):
                part()
            self.that(self.daemon.stop() == 0, "SIGTERM drains and ends with 0", self.daemon.log()[-400:])
        finally:
            self.daemon.kill()
            self.provider.close()
            self.hook.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        OncallTrial(place, result).run()
    result.end()
