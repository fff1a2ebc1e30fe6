#!/usr/bin/python3
"""Reads the feed cases of tests/printed with earshot and with feedparser (python3-feedparser) and shows where they differ.

bench/feed_peer.py [--earshot build/release/earshot] [--show]

Prints for each field how many items agree; --show lists the differences. Not every difference is ours to fix: feedparser resolves
ids against xml:base and cannot read many dates.
"""
import argparse
import base64
import calendar
import collections
import html.parser
import json
import pathlib
import re
import subprocess
import tempfile
import time

import feedparser

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIELDS = ("title", "text", "id", "url", "created_at", "author")


class Words(html.parser.HTMLParser):
    """The text of HTML, good enough to compare."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out = []

    def handle_data(self, data):
        self.out.append(data)

    def handle_starttag(self, tag, attrs):
        if tag in ("br", "p", "div", "li"):
            self.out.append(" ")


def plain(value, kind):
    if kind != "text/plain":
        words = Words()
        words.feed(value)
        words.close()
        value = "".join(words.out)
    return re.sub(r"\s+", " ", value).strip()


def peer_items(data):
    items = []
    for entry in feedparser.parse(data, response_headers={}).entries:
        bodies = entry.get("content") or ([entry.summary_detail] if "summary_detail" in entry else [])
        date = entry.get("published_parsed") or entry.get("created_parsed") or entry.get("updated_parsed")
        author = entry.get("author_detail", {})
        link = entry.get("link") or ""
        items.append({
            "title": plain(entry.get("title", ""), entry.get("title_detail", {}).get("type", "text/plain")),
            "text": plain(bodies[0].value, bodies[0].get("type", "text/plain")) if bodies else "",
            "id": entry.get("id") or entry.get("link") or "",
            # any guid is a link for it; here only what can be opened counts
            "url": link if re.match("https?://", link) else "",
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(calendar.timegm(date))) if date else "",
            "author": plain(author.get("name") or author.get("email") or entry.get("author", ""), "text/plain"),
        })
    return items


def our_items(earshot, data):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        run = subprocess.run([earshot, "parse", "--format", "feed", file.name], capture_output=True, check=False)
    items = []
    for line in filter(None, run.stdout.decode().split("\n")):
        post = json.loads(line)
        items.append({
            "title": plain(post["title"] or "", "text/plain"),
            "text": plain(post["text"] or "", "text/plain"),
            "id": "" if (post["id"] or "").startswith("hash:") else post["id"] or "",
            "url": post["url"] or "",
            "created_at": re.sub(r"\.\d+Z", "Z", post["created_at"] or ""),
            "author": plain(post["author"]["name"] or "", "text/plain"),
        })
    return items


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--earshot", default=str(ROOT / "build" / "release" / "earshot"))
    words.add_argument("--show", action="store_true")
    args = words.parse_args()
    same, differ, broken = collections.Counter(), collections.Counter(), 0
    for path in sorted((ROOT / "tests" / "printed").glob("feed_*.jsonl")):
        for line in filter(None, path.read_text().split("\n")):
            case = json.loads(line)
            if "json" in path.stem:  # feedparser 6.0.10 reads no JSON Feed
                continue
            data = case["input"].encode() if "input" in case else base64.b64decode(case["input_base64"])
            ours = our_items(args.earshot, data)
            try:
                theirs = peer_items(data)
            except Exception as problem:  # it fails on some inputs; that is a result
                broken += 1
                if args.show:
                    print(f"{case['name']}: feedparser fails: {problem!r}")
                continue
            if len(ours) != len(theirs):
                differ["items"] += 1
                if args.show:
                    print(f"{case['name']}: {len(ours)} items, feedparser {len(theirs)}")
                continue
            for mine, other in zip(ours, theirs):
                for field in FIELDS:
                    equal = mine[field] == other[field]
                    (same if equal else differ)[field] += 1
                    if args.show and not equal:
                        print(f"{case['name']}: {field} {mine[field]!r}, feedparser {other[field]!r}")
    for field in FIELDS:
        print(f"{field}: {same[field]} the same, {differ[field]} differ")
    print(f"documents with another number of items: {differ['items']}; where feedparser fails: {broken}")


if __name__ == "__main__":
    main()
