#!/usr/bin/env python3
"""Items a second that python3-feedparser parses of one RSS document of 1,100 items, CPU of one core: bench/feedparser_peer.py [ITEMS]"""
import json
import sys
import time

try:
    import feedparser
except ImportError:
    sys.exit("python3-feedparser is missing: scripts/install-packages bench")

items = int(sys.argv[1]) if len(sys.argv) > 1 else 1100
words = "what a lovely evening by the lake, the light over the water was something else entirely " * 2
body = "".join(f"<item><title>Item {i}</title><link>https://x.example/{i}</link><guid>{i}</guid><pubDate>Mon, 23 Nov 2026 16:00:00 GMT</pubDate>"
               f"<description>&lt;p&gt;{words}{i}&lt;/p&gt;</description></item>" for i in range(items))
before = time.process_time()
parsed = feedparser.parse(f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{body}</channel></rss>')
took = time.process_time() - before
print(json.dumps({"bench": "feedparser", "items": len(parsed.entries), "items_per_cpu_second": round(items / took), "us_per_item": round(took / items * 1e6, 1)}))
