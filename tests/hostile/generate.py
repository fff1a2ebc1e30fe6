#!/usr/bin/env python3
"""Hostile inputs for the parsers of foreign bytes, the same on every run (RELIABILITY F48-F52, P14).

    generate.py                  lists "format name" of all cases
    generate.py FORMAT NAME      writes the case to standard output
    generate.py --into FOLDER PART PARTS   serves tests/hostile/run
"""
import base64
import json
import sys

MIB = 1 << 20
ITEM = "<item><guid>g1</guid><title>t</title><description>%s</description></item>"


def rss(inner):
    return b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>' + inner + b"</channel></rss>"


def one(text, tag="description"):
    return rss(f"<item><guid>g1</guid><{tag}>".encode() + text + f"</{tag}></item>".encode())


def times(piece, size):
    """`piece` again and again, at most `size` bytes."""
    return piece * (size // len(piece))


BIG = 7 * MIB  # fits into an answer with what stands around it
FULL = 8 * MIB

# Markup that costs a careless reader most. Used in feeds (escaped and in CDATA), JSON pages and mails.
MARKUP = {
    "div": lambda n: times(b"<div>", n),
    "b": lambda n: times(b"<b>", n),
    "a": lambda n: times(b"<a/>", n),
    "links": lambda n: b"".join(b'<a href="/x%d">y</a> ' % i for i in range(n // 22))[:n],
    "table": lambda n: times(b"<table><tr><td>", n),
    "p_in_button": lambda n: times(b"<p><button>", n),
    "close": lambda n: times(b"</div></p></table>", n),
    "unclosed_then_close": lambda n: times(b"<i><p>", n // 2) + times(b"</b>", n // 2),
    "comment_open": lambda n: times(b"<!--", n),
    "comment_dash": lambda n: b"<!--" + b"-" * n,
    "comment_almost": lambda n: b"<!--" + times(b"--x", n),
    "cdata": lambda n: times(b"<![CDATA[", n),
    "lt": lambda n: b"<" * n,
    "lt_letter": lambda n: times(b"<x", n),
    "amp": lambda n: b"&" * n,
    "entity": lambda n: times(b"&CounterClockwiseContourIntegral;", n),
    "entity_number": lambda n: times(b"&#x1F600;", n),
    "entity_long": lambda n: b"&#" + b"9" * n,
    "entity_name_long": lambda n: b"&" + b"a" * n,
    "attribute_huge": lambda n: b'<a href="' + b"x" * n + b'">y</a>',
    "attributes_many": lambda n: b"<a " + b"".join(b"a%d=b " % i for i in range(n // 12)) + b">y</a>",
    "attribute_open": lambda n: times(b'<a href="', n),
    "quote_alternating": lambda n: times(b"<a b=\"'>", n),
    "script_open": lambda n: times(b"<script>", n),
    "script_end_almost": lambda n: b"<script>" + times(b"</scrip", n),
    "title_open": lambda n: b"<title>" + times(b"</titl", n),
    "style": lambda n: times(b'<p style="display:none">', n),
    "style_long": lambda n: b'<p style="' + b"display:" * (n // 8) + b'">x</p>',
    "class_words": lambda n: b'<p class="' + b"a " * (n // 2) + b'">x</p>',
    "blockquote": lambda n: times(b"<blockquote>x", n),
    "gmail_quote": lambda n: times(b'<div class="gmail_quote">x<blockquote>y', n),
    "lists": lambda n: times(b"<ul><li>", n),
    "select": lambda n: times(b"<select><option>", n),
    "pre_lines": lambda n: b"<pre>" + b"\n" * n + b"x</pre>",
    "blanks": lambda n: b"x" + b" " * n + b"y",
    "nbsp": lambda n: b"x" + times(b"&nbsp;", n) + b"y",
    "base": lambda n: times(b'<base href="x/"><a href="y">', n),
    "images": lambda n: times(b'<img alt="x">', n),
    "br": lambda n: times(b"<br>", n),
    "plain_line": lambda n: b"x" * n,
}

# Text that costs the extractors of mentions, tags and links, and the Unicode tables.
TEXT = {
    "at": lambda n: "@" * n,
    "mentions": lambda n: "@a " * (n // 3),
    "mention_long": lambda n: "@" + "a" * n,
    "fediverse": lambda n: "@a@b.example " * (n // 13),
    "hash": lambda n: "#" * n,
    "tags": lambda n: "#a " * (n // 3),
    "cash": lambda n: "$A " * (n // 3),
    "links": lambda n: "http://a.b/c " * (n // 13),
    "links_many": lambda n: "".join(f"http://a.example/{i} " for i in range(n // 24)),
    "link_long": lambda n: "http://a.example/" + "(" * n,
    "schemes": lambda n: "http://" * (n // 7),
    "dots": lambda n: "a." * (n // 2),
    "mails": lambda n: "a@b.example " * (n // 12),
    "brackets": lambda n: "(" * (n // 2) + ")" * (n // 2),
    "combining": lambda n: "e" + "\u0301" * (n // 2),
    "zero_width": lambda n: "a\u200b\u200d\ufeff" * (n // 10),
    "bidi": lambda n: "\u202e\u2066abc\u2069" * (n // 12),
    "emoji": lambda n: "\U0001F468\u200D\U0001F469\u200D\U0001F467" * (n // 18),
    "fullwidth": lambda n: "\uff41" * (n // 3),
    "ligature": lambda n: "\ufdfa" * (n // 3),
    "hangul": lambda n: "\u1100\u1161\u11a8" * (n // 9),
    "lines": lambda n: "\n" * n,
    "long_lines": lambda n: ("x" * MIB + "\n") * (n // (MIB + 1)),
    "quotes": lambda n: "> x\n" * (n // 4),
    "quote_deep": lambda n: ">" * n,
    "wrote": lambda n: "On Mon, Jan 1, 2026 at 1:00 AM X <x@y.example> wrote:\n" * (n // 56),
    "wrote_open": lambda n: "On " * (n // 3),
    "signatures": lambda n: "-- \n" * (n // 4),
    "original": lambda n: "-----Original Message-----\nFrom: a\n" * (n // 35),
    "underscores": lambda n: "_" * n,
    "headers": lambda n: "From: a\nSent: b\nTo: c\nSubject: d\n\n" * (n // 35),
}

BYTES = {
    "bad_utf8": lambda n: bytes(range(128, 256)) * (n // 128),
    "overlong": lambda n: times(b"\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf", n),
    "surrogates": lambda n: times(b"\xed\xa0\x80\xed\xb0\x80", n),
    "beyond": lambda n: times(b"\xf4\x90\x80\x80\xf8\x88\x80\x80\x80", n),
    "nul": lambda n: b"a" + b"\0" * n + b"b",
    "control": lambda n: bytes(range(1, 32)) * (n // 31),
    "boms": lambda n: times(b"\xef\xbb\xbf", n),
    "cut_character": lambda n: b"x" * n + b"\xf0\x9f\x98",
}


def xml_cases():
    yield "empty", lambda: b""
    yield "garbage", lambda: bytes(i * 7 % 256 for i in range(FULL))
    yield "truncated", lambda: one(b"x" * 1000)[:-300]
    yield "mismatched", lambda: rss(b"<item><guid>a</title></guid><b></item></item>" * 100000)
    yield "deep", lambda: b"<a>" * 1000000
    yield "deep_in_item", lambda: one(b"<a>" * 1000000)
    yield "elements", lambda: times(b"<a/>", FULL)
    yield "elements_in_channel", lambda: rss(times(b"<a/>", BIG))
    yield "elements_199000", lambda: rss(b"<item>" + b"<a/>" * 199000 + b"</item>")
    yield "deep_190000", lambda: one(b"<a>" * 190000)
    yield "items_empty", lambda: rss(times(b"<item/>", BIG))
    yield "items_49000", lambda: rss(b"".join(b"<item><guid>%d</guid><title>x</title></item>" % i for i in range(49000)))
    yield "items_5000_big", lambda: rss((ITEM % ("x" * 1300)).encode() * 5000)
    yield "categories", lambda: rss(b"<item><guid>g</guid>" + b"".join(b"<category>c%d</category>" % i for i in range(190000)) + b"</item>")
    yield "enclosures", lambda: rss(b"<item><guid>g</guid>" + b'<enclosure url="http://a.b/%d"/>' * 190000 + b"</item>")
    yield "authors", lambda: rss(b"<item><guid>g</guid>" + b"<author>a@b (c)</author>" * 190000 + b"</item>")
    yield "atom_links", lambda: (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id>' + b'<link href="/x" rel="y"/>' * 190000
                                 + b"</entry></feed>")
    yield "atom_xhtml_deep", lambda: (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><content type="xhtml">' + b"<div>" * 190000
                                      + b"</content></entry></feed>")
    yield "attributes", lambda: b"<rss " + b"".join(b'a%d="" ' % i for i in range(600000)) + b"/>"
    yield "attributes_199000", lambda: b"<rss " + b"".join(b'a%d="" ' % i for i in range(199000)) + b"><channel/></rss>"
    yield "attributes_equal", lambda: b"<rss " + times(b'a="b" ', BIG) + b"/>"
    yield "attribute_huge", lambda: b'<rss a="' + b"x" * BIG + b'"><channel/></rss>'
    yield "attribute_open", lambda: b'<rss a="' + b"x" * BIG
    yield "namespaces_deep", lambda: rss(b"<item>" + b"".join(b'<x xmlns:n%d="u">' % i for i in range(90000)))
    yield "namespace_lookup", lambda: rss(b"<item>" + b"".join(b'<x xmlns:n%d="u">' % i for i in range(40000)) + b"<q:y/>" * 100000)
    yield "base_growing", lambda: rss(b"<item>" + b'<x xml:base="aaaaaaaaaaaa/">' * 90000 + b"<link>b</link>")
    yield "base_growing_item", lambda: rss(b'<item xml:base="aaaaaaaaaaaa/"><guid>a</guid>' * 60000)
    yield "lang_deep", lambda: rss(b"<item>" + b'<x xml:lang="en">' * 90000)
    yield "cdata_huge", lambda: one(b"<![CDATA[" + b"x" * BIG + b"]]>")
    yield "cdata_open", lambda: one(b"<![CDATA[" + b"x" * BIG)
    yield "cdata_many", lambda: one(times(b"<![CDATA[x]]>", BIG))
    yield "cdata_ends", lambda: one(times(b"]]>", BIG))
    yield "comment_huge", lambda: rss(b"<!--" + b"x" * BIG + b"-->")
    yield "comment_open", lambda: rss(b"<!--" + b"-" * BIG)
    yield "comments_many", lambda: rss(times(b"<!---->", BIG))
    yield "comments_open", lambda: rss(times(b"<!--", BIG))
    yield "instructions", lambda: times(b"<?a b?>", FULL)
    yield "instructions_open", lambda: times(b"<?a ", FULL)
    yield "doctypes", lambda: times(b"<!DOCTYPE a>", FULL)
    yield "doctype_open", lambda: b"<!DOCTYPE a [" + b"<!ENTITY a " * 600000
    yield "lt", lambda: b"<" * FULL
    yield "lt_bang", lambda: times(b"<!", FULL)
    yield "amp", lambda: one(b"&" * BIG)
    yield "amp_names", lambda: one(times(b"&abcdefgh", BIG))
    yield "laughs", lambda: (b"<!DOCTYPE r [<!ENTITY a0 \"lol\">" + b"".join(
        b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 12)) + b"]>" + one(b"&a11;"))
    yield "quadratic", lambda: b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 60000 + b'">]>' + one(b"&a;" * 100000)
    yield "quadratic_small", lambda: b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 1000 + b'">]>' + one(times(b"&a;", BIG))
    yield "entities_many", lambda: b"<!DOCTYPE r [" + b"".join(b'<!ENTITY e%d "v">' % i for i in range(300000)) + b"]>" + one(b"&e1;")
    yield "xxe", lambda: b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1/p">%p;]>' + one(b"[&x;]")
    yield "xinclude", lambda: one(b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="file:///etc/passwd"/>')
    yield "text_huge", lambda: one(b"x" * BIG)
    yield "title_huge", lambda: one(b"x" * BIG, "title")
    yield "guid_huge", lambda: one(b"x" * BIG, "guid")
    yield "link_huge", lambda: one(b"http://a.b/" + b"x" * BIG, "link")
    yield "date_huge", lambda: one(b"1" * BIG, "pubDate")
    yield "author_huge", lambda: one(b"a@b (" * (BIG // 5), "author")
    yield "lines_of_1_mb", lambda: one((b"x" * MIB + b"\n") * 7)
    yield "far_too_long", lambda: b"<" * (50 << 20)
    yield "name_huge", lambda: rss(b"<" + b"x" * BIG + b"/>")
    yield "utf16_odd", lambda: b"\xff\xfe" + one(b"x").decode().encode("utf-16-le") + b"\0"
    yield "utf16_surrogates", lambda: b"\xfe\xff" + one(b"@").decode().replace("@", "\u0001").encode("utf-16-be").replace(b"\0\1", b"\xd8\0" * 1000)
    yield "utf7", lambda: b'<?xml version="1.0" encoding="utf-7"?><rss/>'
    yield "utf32", lambda: one(b"x").decode().encode("utf-32")
    yield "ebcdic", lambda: one(b"x").decode().encode("cp037")
    yield "unknown_charset", lambda: b'<?xml version="1.0" encoding="x-nothing"?>' + one(b"x\xe4")
    yield "html_page", lambda: b"<!doctype html><html><body>" + times(b"<p>log in</p>", BIG)
    for name, make in MARKUP.items():
        yield "cdata_" + name, lambda make=make: one(b"<![CDATA[" + make(BIG).replace(b"]]>", b"") + b"]]>")
    for name in ("div", "links", "attribute_open", "comment_open", "blockquote"):
        yield "escaped_" + name, lambda name=name: one(
            MARKUP[name](BIG // 4).replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;"))
    for name, make in TEXT.items():
        yield "text_" + name, lambda make=make: one(make(BIG).encode())
    for name, make in BYTES.items():
        yield "bytes_" + name, lambda make=make: one(make(BIG))


def json_cases():
    """JSON as such; every reader of JSON gets them."""
    yield "not_json", lambda: b"nope"
    yield "nan", lambda: b'{"items":[NaN,Infinity,-Infinity]}'
    yield "1e400", lambda: b'{"items":[{"id":1e400}],"posts":1e400,"notifications":-1e400,"data":1e-400}'
    yield "long_number", lambda: b'{"items":' + b"9" * BIG + b"}"
    yield "duplicate_keys", lambda: b"{" + times(b'"items":[],', BIG) + b'"items":[]}'
    yield "deep_arrays", lambda: b"[" * 1000000
    yield "deep_closed", lambda: b"[" * 1000000 + b"]" * 1000000
    yield "deep_objects", lambda: b'{"items":' * 1000000
    yield "5_mb_of_[", lambda: b"[" * (5 * MIB)
    yield "ones", lambda: b"[" + b"1," * 4194000 + b"1]"
    yield "empty_objects", lambda: b"[" + b"{}," * 2700000 + b"{}]"
    yield "keys_1e6", lambda: b"{" + b",".join(b'"%d":0' % i for i in range(650000)) + b"}"
    yield "keys_99000", lambda: b"{" + b",".join(b'"k%d":0' % i for i in range(99000)) + b"}"
    yield "keys_colliding", lambda: b"{" + b",".join(b'"%s":0' % b"".join(
        b"Aa" if i >> k & 1 else b"BB" for k in range(16)) for i in range(65536)) + b"}"
    yield "string_huge", lambda: b'{"items":"' + b"x" * BIG + b'"}'
    yield "key_huge", lambda: b'{"' + b"x" * BIG + b'":1}'
    yield "escapes", lambda: b'{"items":"' + b"\\u0000" * (BIG // 6) + b'"}'
    yield "lone_surrogates", lambda: b'{"items":"' + b"\\ud800" * (BIG // 6) + b'"}'
    yield "string_open", lambda: b'{"items":"' + b"\\\\" * (BIG // 2)
    yield "blanks", lambda: b" " * FULL
    yield "bom", lambda: b"\xef\xbb\xbf" * 1000 + b"{}"
    yield "nul", lambda: b"\0" * FULL
    for name, make in BYTES.items():
        yield "bytes_" + name, lambda make=make: b'{"items":"' + make(BIG).replace(b'"', b"") + b'"}'


def json_feed(item):
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [item]}).encode()


def json_feed_cases():
    yield "items_broken", lambda: b'{"items":[' + times(b'{"id":1 2},', BIG) + b"{}]}"
    yield "items_every_other_broken", lambda: b'{"items":[' + times(b'{"id":1 2},{"id":"a","content_text":"x"},', BIG) + b"{}]}"
    yield "items_nested_broken", lambda: b'{"items":[' + times(b'},{"id":{"a":', BIG) + b"]}"
    yield "items_open_quote", lambda: b'{"items":[{"id":"1"x"},' + times(b'},{"a', BIG) + b"}"
    yield "items_50000", lambda: json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [
        {"id": str(i), "content_text": "x"} for i in range(49000)]}).encode()
    yield "tags", lambda: json_feed({"id": "1", "content_text": "x", "tags": [f"t{i}" for i in range(190000)]})
    yield "attachments", lambda: json_feed({"id": "1", "content_text": "x", "attachments": [{"url": "http://a.b/c"}] * 90000})
    yield "authors", lambda: json_feed({"id": "1", "content_text": "x", "authors": [{"name": "a", "url": "http://a.b"}] * 60000})
    yield "wrong_types", lambda: json_feed({"id": {}, "content_text": [], "title": 1e300, "authors": "x", "date_published": False})
    yield "surrogate_text", lambda: json_feed({"id": "1", "content_text": "\ud800 x \udc00"})
    for name, make in MARKUP.items():
        yield "html_" + name, lambda make=make: fitting(lambda n: json_feed({"id": "1", "content_html": make(n).decode()}))


def wrap(kind, text):
    """A page of a platform whose one post says `text`."""
    if kind == "mastodon":
        post = {"id": "1", "created_at": "2026-01-01T00:00:00Z", "content": text, "visibility": "public", "url": "https://a.example/1",
                "uri": "https://a.example/1", "account": {"id": "2", "acct": "a", "username": "a", "display_name": text[:1000], "url": "https://a.example/a"},
                "mentions": [], "tags": [], "media_attachments": []}
        page = [post]
    elif kind == "bluesky":
        page = {"posts": [{"uri": "at://did:plc:a/app.bsky.feed.post/1", "cid": "c", "indexedAt": "2026-01-01T00:00:00Z",
                           "author": {"did": "did:plc:a", "handle": "a.example", "displayName": "A"},
                           "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-01-01T00:00:00Z"}}]}
    elif kind == "x":
        page = {"data": [{"id": "1", "text": text, "author_id": "2", "created_at": "2026-01-01T00:00:00.000Z"}],
                "includes": {"users": [{"id": "2", "name": "A", "username": "a"}]}, "meta": {"result_count": 1}}
    else:
        page = {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {"name": "t3_1", "id": "1", "author": "a", "title": "t", "selftext": text,
                                                                              "created_utc": 1767225600.0, "permalink": "/r/a/1"}}]}}
    return json.dumps(page).encode()


def fitting(make):
    """The largest make(n) of a few that an answer may have: escapes in JSON take up to six bytes."""
    return next(page for page in (make(BIG // part) for part in (1, 2, 4, 8, 16)) if len(page) <= FULL)


def facets(count, start, end):
    facet = {"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example"}]}
    return json.dumps({"posts": [{"uri": "at://did:plc:a/app.bsky.feed.post/1", "cid": "c", "author": {"did": "did:plc:a", "handle": "a.example"},
                                  "record": {"text": "x" * 200000, "createdAt": "2026-01-01T00:00:00Z", "facets": [facet] * count}}]}).encode()


def page_cases(kind):
    yield from json_cases()
    for name, make in TEXT.items():
        yield "text_" + name, lambda make=make: fitting(lambda n: wrap(kind, make(n)))
    if kind == "mastodon":
        for name, make in MARKUP.items():
            yield "html_" + name, lambda make=make: fitting(lambda n: wrap(kind, make(n).decode()))
        yield "posts_5000", lambda: json.dumps(json.loads(wrap(kind, "x")) * 5000).encode()
    if kind == "bluesky":
        yield "facets", lambda: facets(28000, 0, 200000)
        yield "facets_wrong", lambda: facets(28000, -5, 2 ** 40)
        yield "thread_deep", lambda: b'{"thread":{"post":{},"replies":[' * 30 + b"]}}" * 30
    if kind == "reddit":
        yield "replies_deep", lambda: b'[{"data":{"children":[{"kind":"t1","data":{"replies":' * 15 + b'""' + b"}}]}}]" * 15


def mail(body, kind="text/plain; charset=utf-8", more="", encoding=""):
    coding = f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else ""
    return (f"From: a@b.example\r\nTo: c@d.example\r\nSubject: s\r\nMessage-ID: <1@b.example>\r\n{more}"
            f"Content-Type: {kind}\r\n{coding}\r\n").encode() + body


def header(line):
    return b"From: a@b.example\r\n" + line + b"\r\nSubject: s\r\n\r\nbody\r\n"


def nested(depth):
    head = b"From: a@b.example\r\n"
    return head + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(depth)) + b"\r\nx"


def mail_cases():
    part = b"--x\r\nContent-Type: text/plain\r\n\r\ny\r\n"
    mixed = 'multipart/mixed; boundary="x"'
    yield "empty", lambda: b""
    yield "no_headers", lambda: b"\r\n" * 100000
    yield "garbage", lambda: bytes(i * 7 % 256 for i in range(FULL))
    yield "parts_10000", lambda: mail(part * 10000 + b"--x--", mixed)
    yield "parts_typeless", lambda: mail(b"--x\r\n\r\ny\r\n" * 100000 + b"--x--", mixed)
    yield "parts_bare", lambda: mail(b"--x\n" * 2000000, mixed)
    yield "no_closing_boundary", lambda: mail(part * 3, mixed)
    yield "no_boundary_at_all", lambda: mail(b"x\r\n" * 2000000, mixed)
    yield "boundary_missing", lambda: mail(part, "multipart/mixed")
    yield "boundary_huge", lambda: mail(b"--" + b"x" * MIB + b"\r\n\r\ny", 'multipart/mixed; boundary="' + "x" * MIB + '"')
    yield "boundary_almost", lambda: mail(b"--" + b"\r\n--xz" * 1500000, mixed)
    yield "deep_10000", lambda: nested(10000)
    yield "deep_rfc822", lambda: b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 100000 + b"x"
    yield "alternatives", lambda: mail(part * 400 + b"--x--", 'multipart/alternative; boundary="x"')
    yield "base64_30_mib", lambda: mail(base64.encodebytes(b"abc" * (7 * MIB)), encoding="base64")
    yield "base64_one_line", lambda: mail(base64.b64encode(b"abc" * (7 * MIB)), encoding="base64")
    yield "base64_garbage", lambda: mail(b"=" * (30 * MIB), encoding="base64")
    yield "base64_attachment", lambda: mail(b"--x\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                                            + base64.encodebytes(b"abc" * (7 * MIB)) + b"--x--", mixed)
    yield "40_mib", lambda: mail(b"x" * 79 + b"\n") * 1 + (b"y" * 79 + b"\n") * (40 * MIB // 80)
    yield "qp", lambda: mail(b"=" * BIG, encoding="quoted-printable")
    yield "qp_soft", lambda: mail(b"a=\r\n" * (BIG // 4), encoding="quoted-printable")
    yield "uuencode", lambda: mail(b"begin 644 a\r\n" + b"M" + b"`" * BIG, encoding="x-uuencode")
    yield "flowed", lambda: mail(b"> a \r\n" * (BIG // 6), "text/plain; format=flowed; delsp=yes")
    yield "flowed_depth", lambda: mail(b">" * BIG, "text/plain; format=flowed")
    for charset in ("utf-7", "iso-2022-jp", "hz", "gb18030", "utf-16", "utf-32", "big5", "x-nothing"):
        yield "charset_" + charset, lambda charset=charset: mail(b"+~{\x1b$B" * (BIG // 6), f"text/plain; charset={charset}")
    yield "header_line", lambda: header(b"X-A: " + b"x" * BIG)
    yield "header_lines", lambda: header(b"\r\n".join(b"X-A: b" for _ in range(1000000)))
    yield "header_folded", lambda: header(b"X-A: b" + b"\r\n c" * 2000000)
    yield "header_folded_subject", lambda: header(b"Subject: b" + b"\r\n c" * 2000000)
    yield "header_no_colon", lambda: header(b"x" * BIG)
    yield "header_names", lambda: header(b"x" * BIG + b": y")
    yield "header_types", lambda: header(b"Content-Type: text/plain\r\n" * 200000)
    yield "addresses", lambda: header(b"To: " + b", ".join(b"a%d@b.example" % i for i in range(300000)))
    yield "address_comments", lambda: header(b"To: " + b"(" * BIG)
    yield "address_quotes", lambda: header(b"To: " + b'"' * BIG)
    yield "address_angles", lambda: header(b"To: " + b"<" * BIG)
    yield "address_groups", lambda: header(b"To: " + b"a:b," * (BIG // 4))
    yield "encoded_words", lambda: header(b"Subject: " + b"=?utf-8?q?a?= " * (BIG // 14))
    yield "encoded_words_open", lambda: header(b"Subject: " + b"=?utf-8?q?" * (BIG // 10))
    yield "encoded_words_charsets", lambda: header(b"Subject: " + b" ".join(b"=?c%d?q?a?=" % i for i in range(300000)))
    yield "encoded_word_starts", lambda: header(b"Subject: " + b"=?" * (BIG // 2))
    yield "references", lambda: header(b"References: " + b"<a@b> " * (BIG // 6))
    yield "references_open", lambda: header(b"References: " + b"<" * BIG)
    yield "message_id_huge", lambda: header(b"Message-ID: <" + b"x" * BIG + b"@b>")
    yield "message_ids", lambda: header(b"\r\n".join(b"Message-ID: <%d@b>" % i for i in range(200000)))
    yield "date_huge", lambda: header(b"Date: " + b"Mon, " * (BIG // 5))
    yield "received", lambda: header(b"\r\n".join(b"Received: from a by b; Mon, 1 Jan 2026 00:00:00 +0000" for _ in range(100000)))
    yield "type_parameters", lambda: header(b"Content-Type: text/plain" + b"".join(b"; p%d=v" % i for i in range(500000)))
    yield "type_rfc2231", lambda: header(b"Content-Type: text/plain" + b"".join(b"; name*%d*=%%41" % i for i in range(400000)))
    yield "type_rfc2231_gaps", lambda: header(b"Content-Type: text/plain" + b"".join(b"; name*%d*=%%41" % (i * 99991) for i in range(300000)))
    yield "type_quotes", lambda: header(b'Content-Type: text/plain; charset="' + b"\\" * BIG)
    yield "type_comments", lambda: header(b"Content-Type: " + b"(" * BIG)
    yield "disposition", lambda: header(b"Content-Disposition: attachment" + b"".join(b"; filename*%d=a" % i for i in range(400000)))
    yield "disposition_many", lambda: header(b"\r\n".join(b"Content-Disposition: attachment; filename=a" for _ in range(100000)))
    yield "headers_of_parts", lambda: mail((b"--x\r\n" + b"X-A: b\r\n" * 10000 + b"\r\ny\r\n") * 90 + b"--x--", mixed)
    yield "headers_of_parts_folded", lambda: mail((b"--x\r\nX-A: b" + b"\r\n c" * 20000 + b"\r\n\r\ny\r\n") * 80 + b"--x--", mixed)
    yield "attachments", lambda: mail(b"".join(b"--x\r\nContent-Disposition: attachment; filename=\"%d\"\r\n\r\ny\r\n" % i for i in range(499))
                                      + b"--x--", mixed)
    yield "html_parts", lambda: mail((b"--x\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 12000 + b"\r\n") * 120 + b"--x--", mixed)
    yield "text_parts", lambda: mail((b"--x\r\nContent-Type: text/plain\r\n\r\n" + b"word " * 12000 + b"\r\n") * 120 + b"--x--", mixed)
    yield "from_lines", lambda: b"From a\n" * 1000000
    yield "imap_in_body", lambda: mail(b")\r\n* 1 FETCH (BODY[] {5}\r\n" * 200000)
    for name, make in MARKUP.items():
        yield "html_" + name, lambda make=make: mail(make(BIG), "text/html; charset=utf-8")
    for name, make in TEXT.items():
        yield "text_" + name, lambda make=make: mail(make(BIG).encode())
    for name, make in BYTES.items():
        yield "bytes_" + name, lambda make=make: mail(make(BIG))
        yield "subject_" + name, lambda make=make: header(b"Subject: " + make(BIG))


def all_cases():
    """(format, name, maker) of every case."""
    sources = {"feed": [xml_cases(), (("json_" + n, m) for n, m in json_cases()), (("jsonfeed_" + n, m) for n, m in json_feed_cases())],
               "email": [mail_cases()]}
    for kind in ("mastodon", "bluesky", "x", "reddit"):
        sources[kind] = [page_cases(kind)]
    for kind, lists in sources.items():
        for cases in lists:
            for name, make in cases:
                yield kind, name, make


def write_all(folder, part, parts):
    """Serves tests/hostile/run: writes a case to FOLDER/in, prints its line, waits; the answer "check" has FOLDER/out judged."""
    for kind, name, make in list(all_cases())[part::parts]:
        with open(f"{folder}/in", "wb") as file:
            size = file.write(make())
        print(kind, name, size, flush=True)
        for line in sys.stdin:
            if line.strip() != "check":
                break
            print(problem_of(f"{folder}/out", name) or "fine", flush=True)


def problem_of(path, name):
    """What is wrong with the output of `earshot parse`; None where nothing is."""
    with open(path, "rb") as file:
        data = file.read()
    if name in ("xxe", "json_xxe", "xinclude") and b"root:" in data:
        return "a file of this machine was read"
    try:
        for line in data.decode("utf-8").splitlines():
            post = json.loads(line)
            if not post["id"] or len((post["text"] or "").encode()) > 262144:
                return "a post without id, or with more than 256 KiB of text"
    except (ValueError, KeyError, AttributeError) as why:
        return f"the output is not UTF-8 JSON with id and text: {why}"[:200]
    return None


def main():
    if len(sys.argv) == 1:
        for kind, name, _ in all_cases():
            print(kind, name)
    elif sys.argv[1] == "--into":
        write_all(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        found = [make for kind, name, make in all_cases() if [kind, name] == sys.argv[1:3]]
        sys.stdout.buffer.write(found[0]() if found else sys.exit("no such case"))


if __name__ == "__main__":
    main()
