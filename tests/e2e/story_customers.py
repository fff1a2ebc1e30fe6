"""Stories of the people who do the work: authority, gates, and what the doing side owes."""
import json
import os
import re
import sqlite3

from story import Story, refused, said

ANN = "Ann Field <ann@example.org>"
HOUR, DAY = 3600, 86400
SMOKE = "@Brightwave smoke came out of my Glow lamp and the plug melted"
SAID = {"said": "We rang her and said sorry.", "done": "A new lamp left today.", "cause": "cells", "product_change": "no"}


class OneOwner(Story):
    """f. Someone takes responsibility

    Resolve quickly; one person takes responsibility; each member of staff has the authority to act; people who come again are known."""

    def play(self):
        self.tell("Ann's lamp smokes, she says so in public. Jo reads the page on the phone and follows its link.")
        self.post("ann", SMOKE)
        page = self.letter("jo", "smoke came out")
        token = re.search(r"/ack/(\S+)", said(page)).group(1) if page and "/ack/" in said(page) else "none"
        status = self.daemon.call("POST", "/ack/" + token, "token=" + token, {"Content-Type": "application/x-www-form-urlencoded"})[0]
        case = self.first_case()
        self.then("The case is Jo's: exactly one owner.", status == 200 and case["owner"] and case["owner"]["id"] == "jo", (status, case))
        self.tell("Lee wants it, too.")
        answer = self.act(1, "ack", who="lee")
        self.then("Lee hears that Jo has it already.", refused(answer, "taken"), answer)
        self.then("The case shows what Jo may give without asking: a refund up to 250 EUR.",
                  any(it["up_to"] == "250 EUR" for it in case["authority"]), case["authority"])
        self.tell("Jo asks Kim whether a refund of 180 EUR is all right.")
        answer = self.cli("cases", "ask-grant", "1", "--kind", "refund", "--amount", "180 EUR")
        self.then("Jo is told: this you may give without asking. It is counted.", answer[0] == 0 and self.granted("asked_although_allowed") == 1,
                  (answer, self.subjects("jo")))
        self.tell("Jo grants it; later 400 EUR, which is more than Jo may.")
        self.cli("cases", "grant", "1", "--kind", "refund", "--amount", "180 EUR")
        code, text = self.cli("cases", "grant", "1", "--kind", "refund", "--amount", "400 EUR")
        self.then("Beyond the limit a reason is wanted.", code == 1 and "beyond 250 EUR: say why" in str(text), text)
        self.cli("cases", "grant", "1", "--kind", "refund", "--amount", "400 EUR", "--reason", "Her curtains burnt, too")
        self.then("With the reason it is granted, recorded as beyond, and Kim hears of it.",
                  self.granted("granted_beyond") == 1 and self.letter("kim", "Her curtains burnt, too"), self.subjects("kim"))
        code, lines = self.cli("report", "authority", "--team", "care", who="kim")
        self.then("`earshot report authority` counts for Kim's team: two granted, one of them beyond; one asked although allowed.",
                  code == 0 and lines[0]["rows"] == [["jo", "2", "1", "1", "1"]], lines)
        self.tell("Nothing happens for longer than an acknowledgement lasts.")
        self.passes(70 * 60)
        self.eventually("The case goes back, one step higher: Kim has a page.", lambda: self.case()["state"] == "open" and "page" in str(
            [it["person"] for it in self.daemon.rows("SELECT person || ' page' AS person FROM outbox WHERE lane = 0 AND person = 'kim'")]))
        self.act(1, "ack", who="kim")
        self.known_again()

    def known_again(self):
        self.tell("A mail comes from ann@example.org: the same Ann, who writes her number below. Kim joins the two.")
        self.mail(ANN, "My Glow lamp smoked yesterday and I have heard nothing. Terrible service, I want my money back.")
        second = self.first_case(2)
        first = self.case(1)
        pair = (first["customer"]["id"], second["customer"]["id"])
        self.then("A name is nobody's proof: until then they were two customers.", pair[0] != pair[1], pair)
        code, text = self.cli("customer", "merge", pair[1], "--into", pair[0], "--reason", "She gave the same number", who="kim")
        code, shown = self.cli("customer", "show", pair[0], who="kim")
        whole = shown[0] if code == 0 else {}
        self.then("One person over two channels: either case shows the other, and what was promised to her.",
                  [it["number"] for it in whole.get("cases", [])] == [2, 1] and len(whole.get("promised", [])) == 2, (text, shown))
        self.tell("Kim notes that Ann lives alone and is 84.")
        self.cli("customer", "flag", pair[0], "--flag", "vulnerable", "--reason", "84, lives alone", who="kim")
        self.then("The case says so, with the reason.", "84, lives alone" in json.dumps(self.case(1)), self.case(1).get("customer_record"))
        self.tell("It was another Ann after all; Kim takes the two apart.")
        code, text = self.cli("customer", "split", pair[0], "--part", pair[1], "--reason", "Her sister", who="kim")
        shown = self.cli("customer", "show", pair[1], who="kim")[1]
        self.then("Each has her own case again; the ledger keeps who joined and split them, and why.",
                  code == 0 and [it["number"] for it in shown[0]["cases"]] == [2] and
                  [it["reason"] for it in self.entries("customer_merge") + self.entries("customer_split")] ==
                  ["She gave the same number", "Her sister"], (text, shown))

    def granted(self, what):
        code, lines = self.cli("cases", "granted")
        return next((it[what] for it in lines if it.get("person") == "jo"), None) if code == 0 else None


class Gates(Story):
    """g. Written feedback, and a call

    The chief passes the complaint down and wants written feedback: what was said, what was done. Then somebody rings the customer and asks
    whether it is solved. No door goes around that."""

    def play(self):
        self.tell("Ann's lamp smokes. Jo takes the case, answers Ann, and would like to be done with it.")
        self.post("ann", SMOKE)
        self.first_case()
        self.act(1, "ack")
        self.act(1, "answer", {"text": "We are ringing you now."})
        doors = [self.act(1, "close"), self.cli("cases", "close", "1")]
        self.then("By the API and on the command line the answer is the same: what was said and what was done is still owed.",
                  doors[0][0] == 422 and doors[1][0] == 1 and all("what was said, what was done" in json.dumps(it) for it in doors), doors)
        answer = self.api("POST", "/cases/bulk", {"action": "close", "ids": ["1"], "args": {}})
        self.then("Many at once: each case is answered for itself, and this one with the same words.", answer[0] == 200 and
                  [(it["ok"], it["code"]) for it in answer[1]["results"]] == [(False, "feedback_missing")], answer)
        self.tell("Jo writes the same sentence into both boxes; then Ann's own words.")
        first = self.act(1, "feedback", {**SAID, "done": SAID["said"]})
        second = self.act(1, "feedback", {**SAID, "said": "smoke came out of my Glow lamp and the plug melted"})
        self.then("Neither is taken, and Jo reads why.", refused(first, "feedback_repeated") and refused(second, "feedback_copied"), (first, second))
        self.tell("Jo writes what was said, what was done, and what caused it.")
        code, text = self.cli("cases", "feedback", "1", "--said", SAID["said"], "--done", SAID["done"], "--cause", "cells", "--product-change", "no")
        self.then("The case waits for the call-back, and Kim, Jo's manager, has the script: Ann's words, what was said and done, what to ask.",
                  code == 0 and self.case()["state"] == "verifying" and self.letter("kim", "Call back", "A new lamp left today"),
                  (text, self.subjects("kim")))
        answer = self.act(1, "verify", {"outcome": "satisfied"})
        self.then("Jo may not say that Jo's own work is well done.", answer[0] >= 400, answer)
        self.tell("Kim rings, and nobody picks up. The next day Ann does: it smokes again.")
        self.act(1, "verify", {"outcome": "not_reached"}, "kim")
        self.passes(5 * HOUR)
        answer = self.act(1, "verify", {"outcome": "not_satisfied"}, "kim")
        self.then("\"Not satisfied\" wants her words.", answer[0] >= 400, answer)
        self.act(1, "verify", {"outcome": "not_satisfied", "words": "It smokes again"}, "kim")
        case = self.case()
        self.then("The case is open again, one level higher, and Jo, who had it, reads her words.",
                  case["state"] == "open" and case["reopened"] == 1 and self.letter("jo", "It smokes again"), (case["state"], self.subjects("jo")))
        self.tell("Kim takes it. This time a technician goes, and Ana rings: Ann is satisfied.")
        self.act(1, "ack", who="kim")
        self.act(1, "answer", {"text": "A technician comes at four."}, "kim")
        self.act(1, "feedback", {**SAID, "said": "We told her that it is our fault.", "done": "A technician changed the lamp and the plug."}, "kim")
        self.act(1, "verify", {"outcome": "satisfied"}, "ana")
        case = self.case()
        self.then("Now it is closed, by what the customer said.", case["state"] == "closed", case["state"])
        ledger = [row["kind"] for row in self.daemon.rows("SELECT kind FROM ledger WHERE case_id = ? ORDER BY n", case["id"])]
        self.then("The ledger tells it in order: reopened once, two feedbacks, three calls.",
                  [ledger.count(it) for it in ("reopened", "feedback_given", "called", "closed")] == [1, 2, 3, 1], ledger)


class DoingSide(Story):
    """h. Who spilled it, and what was kept from the chief

    A team at the top exists to keep complaints from the chief, and service mops up what others spilled. So the department that caused it
    owes the change, recurrence goes to its head, and nothing that was set aside by hand can be hidden."""
    more = 'digest: {daily: {at: "07:00", to: [ceo]}}'

    def play(self):
        self.tell("Ann's lamp smokes: cells that swell. Jo solves it for her; the feedback names the cause and wants other cells.")
        self.solve(1, "ann", SMOKE, {**SAID, "product_change": "yes", "change": "Other cells"})
        self.then("Hardware owes a corrective action: Noor, its head, has the letter.", self.letter("noor", "Hardware owes", "Cells that swell"),
                  self.subjects("noor"))
        code, lines = self.cli("action", "list", who="noor")
        action = lines[0]["id"] if code == 0 and lines else "none"
        self.then("`earshot action list` shows it, with its day.", code == 0 and len(lines) == 1 and lines[0]["state"] == "open", lines)
        self.tell("Eight days pass.")
        self.passes(8 * DAY + HOUR)
        self.then("Noor is reminded.", self.letter("noor", "Reminder: a corrective action is due"), self.subjects("noor"))
        self.tell("Noor answers: fixed in 4.2.")
        self.cli("action", "done", action, "--text", "fixed in 4.2", who="noor")
        self.then("Jo, who asked for the change, can tell the customers who want to know.", self.letter("jo", "Hardware answers", "fixed in 4.2"),
                  self.subjects("jo"))
        self.tell("Twelve days later Bea's battery burns.")
        self.passes(12 * DAY)
        self.solve(2, "bea", "@Brightwave flames from the battery of my Glow this morning, the curtain burnt", SAID)
        self.then("The action is open again, and Noor reads what had been said about it.",
                  self.letter("noor", "It was said to be done 12 days ago", "fixed in 4.2"), self.subjects("noor"))
        code, lines = self.cli("action", "trend", who="ana")
        self.then("`earshot action trend` counts the cause twice.", code == 0 and [it["total"] for it in lines if it.get("cause") == "cells"] == [2], lines)
        self.hidden()

    def solve(self, number, who, words, feedback):
        self.post(who, words)
        self.first_case(number)
        self.act(number, "ack")
        self.act(number, "answer", {"text": "We are ringing you now."})
        self.act(number, "feedback", feedback)

    def hidden(self):
        self.tell("Somebody would rather the chief did not see a page, and dismisses it.")
        self.post("cem", "@Brightwave my Glow exploded in my hand, @brightwave_ceo answer me")
        self.first_case(3)
        first = self.act(3, "dismiss", {"reason": "not_a_complaint"})
        self.then("A page is not dismissed by one person: it stays, and the asking stands in the ledger.",
                  self.case(3)["state"] != "dismissed" and len(self.entries("dismissal_asked")) == 1, first)
        self.act(3, "dismiss", {"reason": "not_a_complaint"}, "lee")
        self.then("A second person can; both names stay.", self.case(3)["state"] == "dismissed" and
                  [row["who"] for row in self.daemon.rows("SELECT who FROM ledger WHERE kind IN ('dismissal_asked', 'dismissed') ORDER BY n")]
                  == ["jo", "lee"], self.case(3)["state"])
        self.tell("The next morning comes.")
        self.passes(DAY)
        digest = self.letter("ceo", "came in", "jo asked to dismiss case 3", "lee dismissed case 3: not a complaint", "a second count")
        self.then("The chief's digest names both, by hand and by person, and its parts add up.",
                  digest and "lee, dismissed: not a complaint" in said(digest), self.subjects("ceo"))
        kept = self.entries("digest_sent")[-1]
        code, lines = self.tool("ledger", "verify", "--db", self.daemon.db, "--noted", f"{kept['last']}:{kept['head']}")
        self.then("The ledger's head that stands in it is still in the ledger.",
                  digest and kept["head"] in said(digest) and code == 0 and kept["closes"], (kept, lines))
        self.tell("He edits the database, so that the entry bears another name.")
        code, lines = self.tool("ledger", "verify", "--db", self.daemon.db)
        whole = code == 0 and lines[0]["ok"]
        copy = os.path.join(self.folder.path, "copy.db")
        with sqlite3.connect(self.daemon.db) as link, sqlite3.connect(copy) as other:
            link.backup(other)
            other.execute("DROP TRIGGER IF EXISTS ledger_kept")
            n = other.execute("SELECT n FROM ledger WHERE kind = 'dismissed'").fetchone()[0]
            other.execute("UPDATE ledger SET who = 'kim' WHERE n = ?", (n,))
            other.commit()
        code, text = self.tool("ledger", "verify", "--db", copy)
        self.then("`earshot ledger verify` had found the chain whole; now it says which entry is not.",
                  whole and code == 1 and str(n) in str(text), (lines, text))


STORIES = {"owner": OneOwner, "gates": Gates, "doing": DoingSide}
