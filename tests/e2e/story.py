"""What the stories of stories_test.py are told with: a house of people with mailboxes, real mail servers, a daemon whose clocks can be
moved, and the sentences of the page (scripts/stories.py prints it). A story touches the product from outside only: mail by IMAP and SMTP,
the API, the command line. Python standard library only, loopback only."""
import base64
import email
import email.policy
import email.utils
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))
# pylint: disable=wrong-import-position
import stories
import support
from clocked import Clocked
from real import Real, ask
from support import wait_for

AT = "@brightwave.example"
HOUSE = """mode: live
company:
  name: Brightwave
  handles: ["@Brightwave"]
  official: {{mail: [care@brightwave.example]}}
  products: [{{name: Glow}}]
principals:
  - {{id: ceo, name: M. Lind, title: chief executive, handles: ["@brightwave_ceo"], mail: [ceo@brightwave.example], delegate: pia}}
sources:
  - {{name: box, type: imap, url: "imaps://localhost:{imaps}/INBOX", user: {user}, password_file: mail.pw, ca_file: "{imap_ca}", start: all,
     idle: false, every: 1s, min_every: 1s}}
  - {{name: social, type: push}}
{sources}people:
  - {{id: jo, name: Jo Adler, contact: [{{mail: jo@brightwave.example}}], notify: {{page: [mail now], queue: [mail now]}}, manager: kim,
     authority: {{refund_up_to: 250 EUR}}}}
  - {{id: lee, name: Lee Park, contact: [{{mail: lee@brightwave.example}}], notify: {{page: [mail now], queue: [mail now]}}, manager: kim}}
  - {{id: kim, name: Kim Brandt, title: head of care, contact: [{{mail: kim@brightwave.example}}], notify: {{page: [mail now], queue: [mail now]}},
     manager: ana}}
  - {{id: ana, name: Ana Costa, title: chief operating officer, contact: [{{mail: ana@brightwave.example}}], notify: {{page: [mail now]}}}}
  - {{id: noor, name: Noor Haddad, title: head of hardware, contact: [{{mail: noor@brightwave.example}}], notify: {{page: [mail now]}},
     manager: ana}}
  - {{id: pia, name: Pia Wolff, title: assistant to the chief executive, contact: [{{mail: pia@brightwave.example}}]}}
teams: [{{name: care, members: [jo, lee, kim], lead: kim, schedule: care}}]
schedules:
  - {{name: care, zone: UTC, layers: [{{people: [jo]}}]}}
  - {{name: managers, zone: UTC, layers: [{{rotate: weekly, start: "2026-01-05T00:00", people: [kim, noor]}}]}}
escalations:
  - {{name: standard, repeat: 1, steps: [{{notify: ["schedule:care"], after: 0m}}, {{notify: ["person:kim"], after: 10m}},
                                       {{notify: ["person:ana"], after: 30m}}]}}
route: {{team: care, escalation: standard}}
root_causes:
  departments: [{{id: hardware, name: Hardware, head: noor}}, {{id: care, name: Customer care, head: kim}}]
  causes: [{{id: cells, name: Cells that swell, department: hardware}}, {{id: hotline, name: The hotline hangs up, department: care}}]
  due: 10d
  remind: 2d
  recurrence: 30d
questions: {{addresses: [ask@brightwave.example], due: 1d, remind: 4h, climb: 8h}}
mail: {{url: "smtp://localhost:{smtp}", from: earshot@brightwave.example, user: daemon, password_file: mail.pw, ca_file: "{smtp_ca}"}}
network: {{allow: ["127.0.0.1/32"], insecure_http: true}}
web: {{listen: "127.0.0.1:{port}", open_on_loopback: true, public_url: "http://127.0.0.1:{port}"}}
log: {{level: info, format: logfmt}}
{more}
"""


class Servers:
    """Dovecot with a mailbox for each story, and a mail server that keeps what it is given."""

    def __init__(self, folder, users):
        self.box = Real("dovecot.sh", 5, folder, DOVECOT_USERS=" ".join(users))
        self.smtp = Real("smtp-sink.sh", 3, folder)

    def start(self):
        self.box.start()
        self.smtp.start()
        return self

    def stop(self):
        self.box.stop()
        self.smtp.stop()


class Story(Clocked):
    """One story; `play` tells it. Its class's docstring is the page's title (first line) and introduction."""
    more = ""  # further sections of the configuration

    def __init__(self, folder, checks, servers, user):
        super().__init__(folder, checks)
        self.servers, self.user, self.told, self.mails = servers, user, [], 0

    # ---- the page -----------------------------------------------------------------------------------------------------
    def tell(self, sentence):
        """What people do, or what time does."""
        self.told.append(sentence)

    def then(self, sentence, good, why=""):
        """What Earshot does: a check."""
        self.told.append(sentence)
        return self.that(good, sentence, str(why)[:1500])

    def eventually(self, sentence, what):
        """The same for what needs a moment."""
        return self.then(sentence, wait_for(what, 15, 0.2))

    def sources(self):
        """Lines of further sources."""
        return ""

    # ---- the daemon ---------------------------------------------------------------------------------------------------
    def begin(self):
        self.folder.write("mail.pw", "secret\n")
        box, smtp = self.servers.box, self.servers.smtp
        self.folder.write("earshot.yaml", HOUSE.format(imaps=box.first + 1, user=self.user, imap_ca=box.word("ca="), smtp=smtp.first,
                                                       smtp_ca=smtp.word("ca="), port=self.daemon.port, sources=self.sources(), more=self.more))
        self.start_clocked()

    # ---- what comes in ------------------------------------------------------------------------------------------------
    def mail(self, sender, words, to="care" + AT, subject="My Glow", parent=None, extra=""):
        """A mail lies in the mailbox that Earshot reads; returns its Message-ID."""
        self.mails += 1
        number = f"m{self.mails}.{self.user}@client.example"
        answers = f"In-Reply-To: {parent}\r\nReferences: {parent}\r\n" if parent else ""
        text = (f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{number}>\r\n{answers}{extra}"
                f"Date: {email.utils.formatdate(self.now())}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n")
        self.servers.box.must("deliver", self.user, "INBOX", self.folder.write(f"{self.mails}.eml", text))
        return f"<{number}>"

    def forward(self, sender, on_top, written_by, words, to="ask" + AT):
        return self.mail(sender, f"{on_top}\r\n\r\n---------- Forwarded message ---------\r\nFrom: {written_by}\r\n"
                         f"Date: {email.utils.formatdate(self.now() - 3600)}\r\nSubject: My Glow\r\nTo: <ceo{AT}>\r\n\r\n{words}",
                         to=to, subject="Fwd: My Glow")

    def post(self, name, text, followers=200):
        """A public post, pushed by the API."""
        self.mails += 1
        item = {"id": f"p{self.mails}", "author": {"id": name, "name": name.capitalize(), "handle": name, "followers": followers},
                "text": text, "url": f"https://social.example/{self.mails}",
                "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now()))}
        status, answer, _ = self.daemon.call("POST", "/api/v1/posts?source=social", [item])
        if status != 202:
            raise RuntimeError(answer)

    # ---- what goes out ------------------------------------------------------------------------------------------------
    def sent_to(self, address):
        """All that was sent to an address, oldest first."""
        got = ask("GET", f"http://127.0.0.1:{self.servers.smtp.first + 2}/messages")[1]
        return [email.message_from_bytes(base64.b64decode(it["raw_base64"]), policy=email.policy.default) for it in got
                if address in it.get("to", [])]

    def letters(self, to):
        """The same of one of ours."""
        return self.sent_to(to + AT)

    def letter(self, to, *words, seconds=15):
        """The newest mail to somebody in which all the words stand (subject or text), or None when none came in time."""
        def find():
            for mail in reversed(self.letters(to)):
                text = f"{mail['Subject']}\n{said(mail)}"
                if all(word in text for word in words):
                    return mail
            return None
        return wait_for(find, seconds, 0.2)

    def subjects(self, to):
        return [str(it["Subject"]) for it in self.letters(to)]

    # ---- the doors ----------------------------------------------------------------------------------------------------
    def cli(self, *words, who="jo"):
        """(exit code, lines of JSON or the complaint) of the command line tool, by this person."""
        return self.tool(*words, "--server", f"http://127.0.0.1:{self.daemon.port}", "--as", who)

    @staticmethod
    def tool(*words):
        """The same of a command that needs no daemon."""
        done = subprocess.run([support.program("earshot"), *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              timeout=30)
        if done.returncode:
            return done.returncode, done.stderr + done.stdout
        return 0, [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("{", "["))]

    def api(self, method, path, body=None, who="jo", headers=None):
        """(status, what was said) of the API."""
        status, text, _ = self.daemon.call(method, "/api/v1" + path, body, {"X-Earshot-Person": who, **(headers or {})})
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def act(self, number, action, body=None, who="jo"):
        return self.api("POST", f"/cases/{number}/{action}", body or {}, who)

    def case(self, number=1):
        return self.daemon.get(f"/api/v1/cases/{number}")

    def first_case(self, count=1):
        """Waits until so many cases are there; the newest."""
        wait_for(lambda: len(self.daemon.cases()) >= count, 20)
        return self.case(count)

    def entries(self, kind):
        return [json.loads(row["data"]) for row in self.daemon.rows("SELECT data FROM ledger WHERE kind = ? ORDER BY n", kind)]

    def run(self):
        ask("DELETE", f"http://127.0.0.1:{self.servers.smtp.first + 2}/messages")
        try:
            self.begin()
            self.play()
            page = next(it[2] for it in stories.stories() if it[0] == type(self).__doc__.partition("\n")[0])
            self.that(self.told == [it[1] for it in page], f"{self.user}: docs/stories.md has what was played", self.told)
            if self.daemon.stop() != 0:
                self.that(False, f"{type(self).__name__}: SIGTERM ends it", self.daemon.log()[-1000:])
        except Exception as error:  # pylint: disable=broad-except
            self.that(False, f"{type(self).__name__} was told to its end", f"{error!r}\n{self.daemon.log()[-1500:]}")
        finally:
            self.daemon.kill()


def said(mail):
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    return part.get_content() if part else ""


def refused(answer, code):
    """True where an answer of the API is a refusal with this code."""
    return answer[0] >= 400 and isinstance(answer[1], dict) and answer[1].get("error", {}).get("code") == code
