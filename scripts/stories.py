#!/usr/bin/env python3
"""Writes docs/stories.md from the sentences with which tests/e2e/story_*.py tell what they do and check.

    scripts/stories.py           writes the page
    scripts/stories.py --check   exit 1 where the page is not what the stories tell
"""
import ast
import glob
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "stories.md")
HEAD = """# Stories

What Earshot is for, told from outside: by mail, the API and the command line, against the real programs and real mail servers, with clocks
on which days pass. `tests/e2e/stories_test.py` plays them; every line with a ✓ is a check it makes. This page is written by
`scripts/stories.py` from those tests; do not edit it.
"""


def stories():
    """[(title, introduction, [(said by `tell`, sentence)])], in the order of their titles."""
    found = []
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "e2e", "story_*.py"))):
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read(), path)
        for one in tree.body:
            if isinstance(one, ast.ClassDef) and any(getattr(base, "id", "") == "Story" for base in one.bases):
                title, _, text = ast.get_docstring(one).partition("\n\n")
                found.append((title, text, sentences(one)))
    return sorted(found)


def sentences(story):
    calls = [it for it in ast.walk(story) if isinstance(it, ast.Call) and isinstance(it.func, ast.Attribute)
             and it.func.attr in ("tell", "then", "eventually") and getattr(it.func.value, "id", "") == "self"]
    return [(it.func.attr == "tell", ast.literal_eval(it.args[0])) for it in sorted(calls, key=lambda it: it.lineno)]


def page():
    lines = [HEAD]
    for title, text, said in stories():
        lines += [f"## {title}\n", f"{text}\n"]
        for number, (told, sentence) in enumerate(said):
            if told and number and not said[number - 1][0]:
                lines.append("")
            lines.append(f"{sentence}\n" if told else f"- ✓ {sentence}")
        lines.append("")
    return "\n".join(lines)


def main():
    if sys.argv[1:] == ["--check"]:
        with open(PAGE, encoding="utf-8") as file:
            if file.read() != page():
                sys.exit("docs/stories.md is not what the stories tell: run scripts/stories.py")
        return
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page())


if __name__ == "__main__":
    main()
