// Each line is judged once and belongs to the words or to the quotes; nothing is decided by one
// look-alike line alone, because losing a customer's words costs more than keeping a line too many.

#include "earshot/text/mail_text.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "earshot/core/utf8.hpp"
#include "mail_lines.hpp"

namespace earshot {
namespace {

constexpr std::size_t kShortSignature = 10;  // lines below a "--" whose blank got lost

bool is_blank(std::string_view line) {
  return trim(line).empty();
}

/// ">" lines; mbox's ">From " is no quote, "> 3 times" may be prose (see prose_quote).
bool is_quoted(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && at < 3 && line[at] == ' ') ++at;
  return at < line.size() && line[at] == '>' && !line.substr(at).starts_with(">From ");
}

/// "> 30 days", ">:(".
bool begins_with_number(std::string_view line) {
  const std::string_view rest = trim(line.substr(line.find('>') + 1));
  if (line.substr(line.find('>')).starts_with(">:") && rest.size() > 1 &&
      std::string_view{"()/|-[]D3"}.find(rest[1]) != std::string_view::npos)
    return true;
  return !rest.empty() && ((rest[0] >= '0' && rest[0] <= '9') || rest[0] == '$' ||
                           rest.starts_with("€") || rest.starts_with("£"));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Yahoo's apps go on in the line of the attribution, "On …, Care<care@kettle.example> wrote:   My
/// kettle …": two lines then.
std::vector<std::string_view> parted(std::vector<std::string_view> lines) {
  std::vector<std::string_view> out;
  out.reserve(lines.size() + 1);
  for (const std::string_view line : lines) {
    const std::size_t colon = line.size() > 2000 ? std::string_view::npos : line.find(":  ");
    std::string head{trim(line.substr(0, colon == std::string_view::npos ? 0 : colon + 1))};
    const auto heads = [&] {
      const detail::Attribution found = detail::attribution(head);
      return found.shape && found.anchored && found.dated && found.address;
    };
    bool parts = !head.empty() && !is_blank(line.substr(colon + 1)) && heads();
    if (!head.empty() && !parts && !out.empty() && !is_blank(line.substr(colon + 1))) {
      head.insert(0, std::string{trim(out.back())} + " ");
      parts = heads();
    }
    out.push_back(parts ? line.substr(0, colon + 1) : line);
    if (parts) out.push_back(line.substr(colon + 1));
  }
  return out;
}

class Splitter {
 public:
  explicit Splitter(std::string_view plain)
      : lines_(parted(lines_of(plain))), quote_(lines_.size(), false) {}

  MailText split() {
    mark_armour();
    mark_quoted_lines();
    mark_attributions();
    mark_cuts();
    mark_signatures();
    mark_device_signatures();
    MailText out;
    for (std::size_t i = 0; i < lines_.size(); ++i)
      append(quote_[i] ? out.quoted : out.words, lines_[i]);
    out.words = tidy(out.words);
    out.quoted = std::string{trim(out.quoted)};
    return out;
  }

 private:
  static void append(std::string& to, std::string_view line) {
    if (line.starts_with(">From ") || line.starts_with(kLiteralLine)) line.remove_prefix(1);
    to += line;
    to += '\n';
  }

  /// Where quotes were taken out, no more than one blank line stays.
  static std::string tidy(std::string_view text) {
    std::string out;
    int blank = 0;
    for (const std::string_view line : lines_of(trim(text))) {
      blank = is_blank(line) ? blank + 1 : 0;
      if (blank > 1) continue;
      std::string_view kept = line;
      while (kept.ends_with(' ') || kept.ends_with('\t')) kept.remove_suffix(1);
      out += kept;
      out += '\n';
    }
    return std::string{trim(out)};
  }

  void mark_quoted_lines() {
    for (std::size_t i = 0; i < lines_.size();) {
      if (!is_quoted(lines_[i])) {
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < lines_.size() && is_quoted(lines_[end])) ++end;
      if (!prose_quote(i, end)) {
        std::fill(quote_.begin() + static_cast<std::ptrdiff_t>(i),
                  quote_.begin() + static_cast<std::ptrdiff_t>(end), true);
        quotes_ = true;
        last_quote_ = end - 1;
      }
      i = end;
    }
  }

  /// "> 30 days without an answer": one line that begins with a number, below words rather than
  /// below an attribution.
  bool prose_quote(std::size_t from, std::size_t end) const {
    if (end - from != 1 || quotes_ || !begins_with_number(lines_[from])) return false;
    std::size_t above = from;
    while (above > 0 && is_blank(lines_[above - 1])) --above;
    const std::string_view before = above > 0 ? trim(lines_[above - 1]) : std::string_view{};
    return !before.ends_with(':');
  }

  /// The lines around inline-signed words: no words of anybody.
  void mark_armour() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::string_view line = trim(lines_[i]);
      if (line == "-----BEGIN PGP SIGNED MESSAGE-----") {
        std::size_t end = i + 1;
        while (end < lines_.size() && end - i <= 4 && !is_blank(lines_[end])) ++end;  // "Hash: …"
        if (end - i <= 4) mark(i, end);
      } else if (line == "-----BEGIN PGP SIGNATURE-----") {
        std::size_t end = i;
        while (end < lines_.size() && trim(lines_[end]) != "-----END PGP SIGNATURE-----") ++end;
        end = std::min(end + 1, lines_.size());
        mark(i, end);
        i = end - 1;
      }
    }
  }

  std::size_t next_text(std::size_t from) const {
    while (from < lines_.size() && is_blank(lines_[from])) ++from;
    return from;
  }

  void mark(std::size_t from, std::size_t end) {
    std::fill(quote_.begin() + static_cast<std::ptrdiff_t>(from),
              quote_.begin() + static_cast<std::ptrdiff_t>(end), true);
  }

  void mark_attributions() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::string_view line = trim(lines_[i]);
      if (quote_[i] || line.size() > 400 || !(line.ends_with(':') || line.ends_with("：")))
        continue;
      const auto [first, found] = widest(i);
      const bool on_quote = i + 1 < lines_.size() && quote_[i + 1];
      if ((found.shape && takes(i, found)) || (on_quote && detail::attribution(line).bare))
        mark(first, i + 1);
    }
  }

  /// Where the attribution that ends in line `last` begins: mail programs wrap it over up to four
  /// lines.
  std::pair<std::size_t, detail::Attribution> widest(std::size_t last) const {
    std::string joined;
    std::pair<std::size_t, detail::Attribution> best{last, {}};
    for (std::size_t first = last, k = 0;
         k < 4 && !quote_[first] && !is_blank(lines_[first]) && joined.size() < 400; --first, ++k) {
      joined.insert(0, std::string{trim(lines_[first])}.append(joined.empty() ? "" : " "));
      const detail::Attribution found = detail::attribution(joined);
      if (found.shape && found.anchored) return {first, found};
      if (found.shape && (!best.second.shape || (found.dated && !best.second.dated)))
        best = {first, found};
      if (first == 0) break;
    }
    return best;
  }

  /// Above a ">" block any attribution counts, at the end a dated one; above bare text only one
  /// with an address, and then that text is the quote (Outlook for phones, Yahoo and web mail quote
  /// so).
  bool takes(std::size_t last, const detail::Attribution& found) {
    const std::size_t next = next_text(last + 1);
    if (next == lines_.size()) return found.dated || found.address;
    if (quote_[next]) return true;
    if (!found.address) return false;
    mark(last + 1, quotes_below(last + 1) ? last + 1 : lines_.size());
    return true;
  }

  bool quotes_below(std::size_t from) const { return quotes_ && last_quote_ >= from; }

  /// Everything below a forward's or Outlook's mark is quoted, unless it stands at the top with ">"
  /// quotes and answers below.
  void mark_cuts() {
    bool words = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (quote_[i] || is_blank(lines_[i])) continue;
      if (const std::size_t cut = cut_at(i); cut > 0) {
        const bool answers_below = !words && quotes_below(i + cut);
        mark(i, answers_below ? i + cut : lines_.size());
        if (!answers_below) return;
      } else {
        words = true;
      }
    }
  }

  /// Lines that the mark at `i` takes, header block included; 0 where there is no mark.
  std::size_t cut_at(std::size_t i) const {
    const std::string_view line = lines_[i];
    if (is_blank(line)) return 0;
    const bool original = detail::is_original_rule(line);
    const bool intro = detail::is_forward_intro(line);
    const bool rule = detail::is_plain_rule(line);
    if (!original && !intro && !rule) return detail::header_block(rest(i), false);
    const std::size_t next = next_text(i + 1);
    const std::size_t block =
        next < lines_.size() && next - i <= 3 ? detail::header_block(rest(next), true) : 0;
    if (block > 0) return next - i + block;
    return original || (intro && next < lines_.size() && quote_[next]) ? 1 : 0;
  }

  std::span<const std::string_view> rest(std::size_t from) const {
    return std::span{lines_}.subspan(from);
  }

  /// "-- " and what is below it, up to the next quote.
  void mark_signatures() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (quote_[i] || !(lines_[i] == "-- " || lines_[i] == "--" || lines_[i] == "--\xC2\xA0"))
        continue;
      std::size_t end = i + 1;
      std::size_t filled = 0;
      const std::size_t most = lines_[i] == "--" ? kShortSignature : lines_.size();
      for (; end < lines_.size() && !quote_[end] && filled <= most; ++end)
        filled += is_blank(lines_[end]) ? 0U : 1U;
      if (filled > most) continue;
      mark(i, end);
      i = end - 1;
    }
  }

  /// The rule that some programs put above their "Sent with the … app".
  bool rule_above_signature(std::size_t i) const {
    return i + 1 < lines_.size() && quote_[i + 1] && detail::is_device_signature(lines_[i + 1]) &&
           detail::is_plain_rule(lines_[i]);
  }

  /// "Sent from my iPhone" as the last line above a quote or the end.
  void mark_device_signatures() {
    for (std::size_t i = lines_.size(); i-- > 0;) {
      const bool ends_run = i + 1 == lines_.size() || quote_[i + 1];
      for (std::size_t at = i; ends_run; --at) {
        if (quote_[at] || (!is_blank(lines_[at]) && !detail::is_device_signature(lines_[at]) &&
                           !rule_above_signature(at)))
          break;
        if (!is_blank(lines_[at])) quote_[at] = true;
        if (at == 0) return;
      }
    }
  }

  std::vector<std::string_view> lines_;
  std::vector<bool> quote_;
  bool quotes_ = false;  ///< there are ">" lines
  std::size_t last_quote_ = 0;
};

}  // namespace

MailText split_mail(std::string_view plain) {
  return Splitter{plain}.split();
}

}  // namespace earshot
