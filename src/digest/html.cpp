#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "earshot/text/escape.hpp"
#include "words.hpp"

namespace earshot {
namespace {

// Colours that hold on white and, turned over by a mail program, on black.
constexpr std::string_view kHead =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light "
    "dark\"><title>Digest</title><style>"
    "body{font:16px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;margin:0 "
    "auto;padding:"
    "16px;max-width:640px;overflow-wrap:anywhere}"
    "h1{font-size:21px;line-height:1.25;margin:0 0 4px}h2{font-size:16px;margin:28px 0 6px;border-"
    "bottom:1px solid #8886;padding-bottom:4px}"
    "p{margin:6px 0}ul{margin:6px 0;padding-left:20px}li{margin:4px 0}small{opacity:.75}"
    "table{border-collapse:collapse;width:100%}td,th{padding:5px 0;vertical-align:top;text-align:"
    "left;border-bottom:1px solid #8883;font-variant-numeric:tabular-nums}"
    "td.n,th.n{text-align:right;padding-right:12px;white-space:nowrap;width:1%}"
    ".bar{height:14px;margin:12px 0;border-radius:4px;overflow:hidden;display:flex}"
    ".bad{border:3px solid #b3261e;padding:8px 12px;font-weight:600}"
    "code{font-size:13px}@media print{body{font-size:12px}}"
    "</style></head><body>\n";

constexpr std::array kColours{"#27663a", "#38597d", "#6f6f6f", "#b3261e", "#9a6a00"};

std::string safe(std::string_view text) {
  return escape_html(text);
}

void heading(std::string& out, std::string_view words) {
  out += fmt::format("<h2>{}</h2>\n", safe(words));
}

void row(std::string& out, std::uint64_t n, std::string_view words) {
  out += fmt::format("<tr><td class=\"n\">{}</td><td>{}</td></tr>\n", n, safe(words));
}

void bar(std::string& out, const Digest& digest) {
  if (digest.in == 0) return;
  out += R"(<div class="bar" aria-hidden="true">)";
  for (std::size_t i = 0; i < digest.buckets.size(); ++i) {
    if (digest.buckets[i] == 0) continue;
    out += fmt::format("<div style=\"flex:{} 1 3px;background:{}\"></div>", digest.buckets[i],
                       kColours[i]);
  }
  out += "</div>\n";
}

void counts(std::string& out, const Digest& digest) {
  bar(out, digest);
  out += "<table>";
  for (std::size_t i = 0; i < digest.buckets.size(); ++i)
    row(out, digest.buckets[i], bucket_words(static_cast<DigestBucket>(i)));
  row(out, digest.in, "came in");
  out += "</table>\n";
  const bool closes = disagreements(digest).empty();
  for (const std::string& it : verdicts(digest))
    out += fmt::format("<p{}>{}</p>\n",
                       closes || !it.starts_with("DOES NOT") ? "" : " class=\"bad\"", safe(it));
  out += fmt::format("<p>{}</p>\n", safe(cases_words(digest)));
  if (!digest.rules.empty()) {
    heading(out, "Set aside by a rule");
    out += "<table>";
    for (const Counted& it : digest.rules) row(out, it.n, rule_words(it.key));
    out += "</table>\n";
  }
  if (digest.people.empty()) return;
  heading(out, "Set aside by a person");
  out += "<table>";
  for (const Counted& it : digest.people) row(out, it.n, it.key);
  out += "</table>\n";
}

void by_hand(std::string& out, const Digest& digest, const std::string& zone) {
  heading(out, fmt::format("Done by hand: {}", digest.by_hand.size()));
  out += "<ul>";
  for (std::size_t i = 0; i < digest.by_hand.size() && i < kNamed; ++i) {
    const ByHand& it = digest.by_hand[i];
    out +=
        fmt::format("<li><b>{}</b> {} {}{}{}<br><small>{}, entry {}</small></li>\n", safe(it.who),
                    safe(deed_words(it)), safe(it.about), it.reason.empty() ? "" : ": ",
                    safe(it.reason), safe(local_words(it.at, zone)), it.n);
  }
  out += "</ul>\n";
  if (digest.by_hand.size() > kNamed)
    out += fmt::format("<p>… and {} more; earshot digest lists all.</p>\n",
                       digest.by_hand.size() - kNamed);
}

void times(std::string& out, const Digest& digest) {
  heading(out, "How long customers waited");
  for (const std::string_view what : {"first_answer", "solution"}) {
    out += fmt::format("<p><b>{}</b>, from their own post</p>\n<table>",
                       what == "solution" ? "Solution" : "First answer");
    bool any = false;
    for (const Measured& it : digest.times) {
      if (it.what != what) continue;
      any = true;
      out += fmt::format("<tr><td>{}<br><small>{}{}</small></td></tr>\n", safe(group_words(it)),
                         safe(spread_words(it.spread)),
                         it.spread.too_few() ? " (too few to compare)" : "");
    }
    out += any ? "</table>\n" : "<tr><td>none</td></tr></table>\n";
  }
  for (const std::string& it : unfair(digest))
    out += fmt::format("<p><b>Not fair:</b> {}</p>\n", safe(it));
}

void owing(std::string& out, std::string_view title, const std::vector<Owed>& list) {
  heading(out, title);
  out += "<ul>";
  for (const Owed& it : list) out += fmt::format("<li>{}</li>\n", safe(owed_words(it)));
  out += list.empty() ? "<li>none</li></ul>\n" : "</ul>\n";
}

void paragraph(std::string& out, std::string_view lead, std::string_view words) {
  out += fmt::format("<p>{}{}</p>\n", safe(lead), safe(words));
}

void at_the_top(std::string& out, const Digest& digest, const std::string& zone) {
  heading(out, "At the top");
  paragraph(out, "", top_words(digest));
  out += "<ul>";
  for (std::size_t i = 0; i < digest.top_entries.size() && i < kNamed; ++i) {
    const TopEntry& it = digest.top_entries[i];
    out += fmt::format("<li>{}<br><small>{}, entry {}</small></li>\n", safe(entry_words(it)),
                       safe(local_words(it.at, zone)), it.n);
  }
  out += digest.top_entries.empty() ? "<li>nothing</li></ul>\n" : "</ul>\n";
  if (digest.top_entries.size() > kNamed)
    paragraph(out, "",
              fmt::format("… and {} more; earshot digest lists all.",
                          digest.top_entries.size() - kNamed));
  paragraph(out, "Why the line below had failed: ", why_words(digest.top_why));
}

}  // namespace

std::string digest_html(const Digest& digest, const std::vector<DigestSection>& sections,
                        const std::string& zone) {
  std::string out{kHead};
  out += fmt::format("<h1>{}</h1>\n<p><small>{} to {} ({})</small></p>\n",
                     safe(digest_headline(digest)), safe(local_words(digest.span.from, zone)),
                     safe(local_words(digest.span.to, zone)), safe(zone));
  counts(out, digest);
  by_hand(out, digest, zone);
  if (wanted(sections, DigestSection::top)) at_the_top(out, digest, zone);
  if (wanted(sections, DigestSection::times)) times(out, digest);
  if (wanted(sections, DigestSection::verification)) {
    heading(out, "Call-backs");
    paragraph(out, "By outcome: ", counted_words(digest.calls));
    paragraph(out, "Cases closed as: ", counted_words(digest.ends));
  }
  if (wanted(sections, DigestSection::letters)) {
    heading(out, "Letters");
    paragraph(out, "", counted_words(digest.letters));
  }
  if (wanted(sections, DigestSection::owed)) {
    owing(out, "Answers owed", digest.answers);
    owing(out, "Corrective actions owed", digest.departments);
  }
  heading(out, "Ledger");
  out += fmt::format(
      "<p><small>Entry {}: <code>{}</code><br>Keep this: earshot ledger verify must show the same "
      "hash for that entry.</small></p>\n</body></html>\n",
      digest.span.last, digest.span.head.empty() ? "empty" : digest.span.head);
  return out;
}

}  // namespace earshot
