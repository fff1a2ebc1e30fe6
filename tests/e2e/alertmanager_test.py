#!/usr/bin/env python3
"""earshotd and a real Prometheus Alertmanager (tests/servers/alertmanager.sh): a page is an alert there, a repetition is the same alert,
an acknowledgement shows in it, a closed case resolves it, and two members of a cluster are both told. Prints "N passed, N failed" last."""
import json
import threading

from real import HAZARD, Real, Trial, ask
from support import Checks, Folder, Server, reply, wait_for

PEOPLE = ("contact: [{via: am}], notify: {page: [am now], queue: [am now]}, manager: kim",
          "contact: [{via: am}], notify: {page: [am now], queue: []}, manager: kim")
STEPS = ("steps: [{notify: [\"schedule:care\"], after: 0m}]", 
         "steps: [{notify: [\"schedule:care\"], after: 0s}, {notify: [\"person:kim\"], after: 5s}]")


class Told(Server):
    """What Alertmanager passes on: its own webhook."""

    def __init__(self):
        self.got, self.lock = [], threading.Lock()
        super().__init__(self.take)

    def take(self, handler, body):
        with self.lock:
            self.got.append(json.loads(body))
        reply(handler, 200)

    def statuses(self, number):
        with self.lock:
            return [alert["status"] for it in self.got for alert in it["alerts"] if alert["labels"].get("case") == str(number)]


class AlertTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.told = Told()
        self.members = [Real("alertmanager.sh", 1, folder) for _ in range(2)]

    def begin(self):
        for member in self.members:
            member.start(f"http://127.0.0.1:{self.told.port}/hook")
        receivers = [{"name": "am", "type": "alertmanager", "urls": [f"http://127.0.0.1:{it.first}/" for it in self.members],
                      "labels": {"site": "berlin"}}]
        self.write([{"name": "push", "type": "push"}], receivers, contact="am", swap=[
            PEOPLE, STEPS, ("route: {team: care, escalation: standard}", "route: {team: care, escalation: standard, receivers: [am]}")])
        self.daemon.start()

    def alerts(self, member=0, number=None):
        """Alerts that are active now."""
        got = ask("GET", f"http://127.0.0.1:{self.members[member].first}/api/v2/alerts")[1]
        return [it for it in got if number is None or it["labels"].get("case") == str(number)]

    def page(self):
        self.push(HAZARD[0])
        found = wait_for(lambda: self.alerts(), 15)
        if not self.that(len(found) == 1, "a page is an alert", str(found)[:300]):
            return None
        alert, number = found[0], self.daemon.cases()[0]["number"]
        want = {"alertname": "EarshotCase", "case": str(number), "source": "push", "team": "care", "site": "berlin"}
        self.that(alert["labels"] == want, "its labels are few and constant", str(alert["labels"]))
        notes = alert["annotations"]
        self.that(notes["urgency"] == "page" and notes["state"] == "open" and HAZARD[0] in notes["description"], "what changes is annotated",
                  str(notes)[:300])
        self.that(alert["status"]["state"] == "active" and alert["generatorURL"].endswith(self.daemon.cases()[0]["id"]), "active, with a link")
        self.that(wait_for(lambda: self.alerts(1), 5), "the other member of the cluster has it, too")
        self.that(wait_for(lambda: "firing" in self.told.statuses(number), 15), "Alertmanager passes it on")
        return number, alert["fingerprint"]

    def repeated(self, number, fingerprint):
        again = wait_for(lambda: len([it for it in self.outbox("am") if it["lane"] == 0 and it["state"] == "ok"]) >= 2, 30)
        found = self.alerts()
        self.that(again and len(found) == 1 and found[0]["fingerprint"] == fingerprint, "paged again it is the same alert",
                  f"{len(self.outbox('am'))} rows, {len(found)} alerts")

    def acknowledged(self, number):
        self.act(number, "ack")
        noted = wait_for(lambda: [it for it in self.alerts(0, number) if it["annotations"]["state"] == "acknowledged"], 10)
        self.that(noted, "an acknowledgement shows in the alert, which stays until the case is closed", str(self.alerts(0, number))[:400])
        self.that(noted and noted[0]["annotations"].get("owner") == "jo", "with who has it", str(noted)[:300])

    def closed(self, number):
        state = self.settle(number)
        self.that(state == "closed", "the case is closed", str(self.last))
        for member in (0, 1):
            self.that(wait_for(lambda it=member: not self.alerts(it, number), 10), "its alert is resolved in "
                      + ("one member", "the other")[member], str(self.alerts(member, number))[:300])
        self.that(wait_for(lambda: "resolved" in self.told.statuses(number), 20), "Alertmanager tells that it is resolved",
                  str(self.told.statuses(number)))
        pending = [it for it in self.outbox("am") if it["state"] in ("pending", "uncertain", "started")]
        timers = self.daemon.rows("SELECT * FROM timer WHERE kind = 'alert'")
        self.that(not pending and not timers, "nothing more is due for it", f"{pending} {timers}"[:300])

    def reopened(self, number):
        self.act(number, "reopen", {"reason": "It smokes again."})
        self.that(wait_for(lambda: self.alerts(0, number), 10), "reopened it fires again", str(self.daemon.cases())[:200])
        self.act(number, "ack")

    def dismissed(self):
        self.push(HAZARD[1], prefix="d")
        number = max(it["number"] for it in self.daemon.cases())
        self.that(wait_for(lambda: self.alerts(0, number), 15), "another page is another alert")
        self.act(number, "ack")
        self.act(number, "dismiss", {"reason": "not_about_us", "text": "another maker's lamp"})
        self.act(number, "dismiss", {"reason": "not_about_us", "text": "another maker's lamp"}, who="kim")
        state = self.daemon.get(f"/api/v1/cases/{number}").get("state")
        self.that(state == "dismissed", "a second person dismisses it", str(state))
        self.that(wait_for(lambda: not self.alerts(0, number), 10), "and its alert is resolved")

    def member_down(self):
        self.members[1].run("stop")
        self.push(HAZARD[2], prefix="e")
        number = max(it["number"] for it in self.daemon.cases())
        self.that(wait_for(lambda: self.alerts(0, number), 15), "with one member down the other is told")

    def run(self):
        try:
            self.begin()
            known = self.page()
            if known:
                self.repeated(*known)
                self.acknowledged(known[0])
                self.closed(known[0])
                self.reopened(known[0])
            self.dismissed()
            self.member_down()
            self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        finally:
            self.daemon.kill()
            for member in self.members:
                member.stop()
            self.told.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        AlertTrial(place, result).run()
    result.end()
