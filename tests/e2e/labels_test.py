#!/usr/bin/env python3
"""What people say of cases teaches the classifier: a forum of role players is watched, where wands break and guilds refuse refunds. Their
posts are dismissed and real complaints from the same forum confirmed, by the API; `earshot labels` exports that, `earshot train --base`
makes a model of it, a reload loads it, and the next wand opens no case while the next charger does; elsewhere nothing changes. A label
that is taken back is learnt no more. Prints "N passed, N failed" last."""
import json
import os
import shutil
import subprocess

import support
from real import Trial
from support import Checks, Folder, wait_for

PLAYED = ["the tavern charged me twice for one Glow potion, the innkeeper ignores me, I want my gold back",
          "three moons late and still no Glow armour from the smith, awful service in this kingdom",
          "my Glow sword fell apart in the arena, the guild hung me out to dry, useless smith",
          "the elf sold me a broken Glow lantern for the dungeon and nobody at the guild answers my raven",
          "the Glow shield arrived cracked by trolls, the guild master refuses the guarantee, what a disgrace",
          "the dwarf took my gold twice for the Glow axe and the king's court ignores my petition",
          "the Glow amulet is broken since the last quest and the wizard refuses to help me, awful guild"]
REAL = ["my Glow lamp stopped working after two days and nobody answers my mails",
        "the Glow I bought arrived broken and your hotline hung up on me",
        "Brightwave charged me twice for one Glow, I want my money back",
        "my Glow flickers every evening and is useless, support ignores me, this is terrible service",
        "the delivery of my Glow is three weeks late and nobody tells me why",
        "your app cannot find my Glow any more since the update, useless",
        "the Glow switch fell off and the shop refuses the guarantee"]
NEXT_PLAYED = "the wizard refuses to help me with my broken Glow sword, awful service in this kingdom"
NEXT_REAL = "the Glow charger broke after a week and the shop refuses a refund, terrible support"


class LabelsTrial(Trial):
    def begin(self):
        self.model = os.path.join(self.folder.path, "our.model")
        shipped = os.path.join(support.ROOT, "config", "model", "complaint.model")
        shutil.copy(shipped, self.model)
        self.shipped = shipped
        sources = [{"name": "games", "type": "push"}, {"name": "shop", "type": "push"}]
        self.write(sources, [{"name": "hook", "type": "log", "path": os.path.join(self.folder.path, "told.log")}], extra="model: our.model")
        self.daemon.start()

    def tool(self, *words, code=0):
        done = subprocess.run([support.program("earshot"), *words], cwd=self.folder.path, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        self.that(done.returncode == code, f"earshot {words[0]}: exit {code}", f"exit {done.returncode}: {done.stdout[-300:]} {done.stderr[-500:]}")
        return done

    def says(self, source, name, text):
        """The number of the case that the words open, or None."""
        item = {"id": name, "author": {"id": "a" + name, "handle": "a" + name}, "text": text}
        status, answer, _ = self.daemon.call("POST", f"/api/v1/posts?source={source}", [item])
        if status != 202:
            raise RuntimeError(answer)
        rows = self.daemon.rows("SELECT c.number FROM post p JOIN origin o ON o.id = p.origin LEFT JOIN cases c ON c.id = p.case_id "
                                "WHERE o.name = ? AND p.native = ?", source, name)
        return rows[0]["number"] if rows else None

    def label(self):
        self.played = [self.says("games", f"w{n}", text) for n, text in enumerate(PLAYED)]
        self.real = [self.says("games", f"r{n}", text) for n, text in enumerate(REAL)]
        opened = [it for it in self.played if it]
        self.that(len(opened) >= 5, f"{len(opened)} of {len(PLAYED)} played posts open cases: the model knows no better", str(self.played))
        self.that(self.says("games", "before", NEXT_PLAYED), "so does the one that will be asked again")
        for number in opened:
            self.act(number, "dismiss", {"reason": "not_a_complaint"})
            self.act(number, "dismiss", {"reason": "not_a_complaint"}, "kim")  # a page wants a second person
        states = {self.daemon.get(f"/api/v1/cases/{it}")["state"] for it in opened}
        self.that(states == {"dismissed"}, "people dismiss them", str(states))
        taught = [self.act(it, "teach", {"complaint": "yes", "note": "real"})[0] for it in self.real if it]
        self.that(len(taught) >= 5 and set(taught) == {200}, "and confirm the real ones", str(taught))
        return len(opened) + len(taught)

    def export(self, wanted):
        done = self.tool("labels", "--server", f"http://127.0.0.1:{self.daemon.port}", "--as", "kim")
        self.folder.write("labels.jsonl", done.stdout)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.that(len(lines) == wanted and {it["source"] for it in lines} == {"games"} and
                  sum(it["complaint"] for it in lines) == sum(1 for it in self.real if it),
                  f"all {wanted} labels are exported, each with its source", done.stdout[:600])

    def train(self):
        """Beside the shipped model; the configuration tells whose names the words hold."""
        done = self.tool("train", "--base", self.shipped, "--data", "labels.jsonl", "--out", self.model, "--config", "earshot.yaml")
        said = json.loads(done.stdout) if done.returncode == 0 else {}
        self.that("source games" in said.get("thresholds", {}) and said.get("bad_lines") == 0, "the model has a layer for this source", done.stdout[:500])

    def learnt(self):
        self.that(self.says("games", "early", NEXT_PLAYED + " again"), "before the reload the old model judges")
        self.that(self.reload() and "configuration refused" not in self.daemon.log(), "the reload loads the model", self.daemon.log()[-500:])
        self.that(self.says("games", "after", NEXT_PLAYED + " today") is None, "the next wand opens no case")
        self.that(self.says("games", "real", NEXT_REAL), "the next real complaint from there does")
        self.that(self.says("shop", "after", NEXT_PLAYED + " today"), "another source is judged as before")
        item = json.dumps({"text": NEXT_PLAYED, "source": "games"})
        self.folder.write("one.jsonl", item + "\n")
        now = json.loads(self.tool("classify", "--config", "earshot.yaml", "one.jsonl").stdout)
        before = json.loads(self.tool("classify", "--config", "earshot.yaml", "--model", self.shipped, "one.jsonl").stdout)
        self.that(before["is_complaint"] and not now["is_complaint"], "earshot classify says the same of both models", f"{before} {now}")
        print(f"figure: probability of a complaint {before['complaint']:.2f} before, {now['complaint']:.2f} after "
              f"{len([it for it in self.played + self.real if it])} labels")

    def taken_back(self):
        """The dismissals were a mistake: without those labels the model is what was shipped but for what the others teach."""
        for number in [it for it in self.played if it]:
            self.act(number, "reopen", {"reason": "It was one after all"}, "kim")
        done = self.tool("labels", "--server", f"http://127.0.0.1:{self.daemon.port}", "--as", "kim")
        self.folder.write("labels.jsonl", done.stdout)
        self.that(done.stdout and all(json.loads(line)["complaint"] for line in done.stdout.splitlines()), "a reopened case is no label any more",
                  done.stdout[:400])
        self.train()
        self.that(self.reload(), "loaded again")
        self.that(self.says("games", "back", NEXT_PLAYED + " once more"), "and the wand opens a case again")

    def broken(self):
        """A model that cannot be read is refused whole; the old one goes on judging."""
        with open(self.model, "rb") as file:
            part = file.read(1000)
        with open(self.model + ".new", "wb") as file:  # renamed: the daemon has the old one mapped
            file.write(part)
        os.replace(self.model + ".new", self.model)
        self.that(self.reload() and "configuration refused" in self.daemon.log(), "a model that was cut off is refused", self.daemon.log()[-400:])
        self.that(self.daemon.ready() and self.says("shop", "on", NEXT_REAL), "and the daemon judges on with the old one")

    def run(self):
        try:
            self.begin()
            self.export(self.label())
            self.train()
            self.learnt()
            self.taken_back()
            self.broken()
            self.that(self.daemon.stop() == 0, "SIGTERM ends it", self.daemon.log()[-500:])
        finally:
            self.daemon.kill()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        LabelsTrial(place, result).run()
    result.end()
