#include "imap_response.hpp"

#include <algorithm>
#include <charconv>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

template <class N>
std::optional<N> imap_number(std::string_view text) {
  N value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

/// The count of a literal that ends the line: "{123}", "{123+}", "~{123}".
std::optional<std::uint64_t> literal_at_end(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const std::size_t open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  std::string_view digits = line.substr(open + 1, line.size() - open - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  if (digits.empty() || digits.size() > 19) return std::nullopt;
  return imap_number<std::uint64_t>(digits);
}

bool is_status(std::string_view name) {
  return name == "OK" || name == "NO" || name == "BAD" || name == "BYE" || name == "PREAUTH";
}

/// A literal can stand in data only, never in the text of a status or a continuation: "* OK {5}"
/// announces nothing.
bool may_hold_literals(std::string_view line) {
  if (line.starts_with('+')) return false;
  std::string_view rest = line.substr(std::min(line.find(' '), line.size()));
  rest = trim(rest);
  return line.starts_with("* ") && !is_status(upper(rest.substr(0, rest.find(' '))));
}

bool is_search(std::string_view line) {
  return line.starts_with("* ") && (equals_ignoring_case(line.substr(2, 6), "search") ||
                                    equals_ignoring_case(line.substr(2, 7), "esearch"));
}

/// Reads values of one response; every function returns false where the text is malformed.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  bool done() const { return at_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c || done()) return false;
    ++at_;
    return true;
  }
  void blanks() {
    while (peek() == ' ') ++at_;
  }
  std::string_view rest() const { return text_.substr(at_); }

  /// Up to a blank or a parenthesis; brackets hold blanks and parentheses: BODY[HEADER.FIELDS (A
  /// B)]<0>.
  std::string_view word() {
    const std::size_t from = at_;
    int brackets = 0;
    for (; !done(); ++at_) {
      const char c = text_[at_];
      if (c == '[') ++brackets;
      if (c == ']' && brackets > 0) --brackets;
      if (brackets == 0 && (c == ' ' || c == '(' || c == ')' || c == '\r' || c == '\n')) break;
      if (c == '\r' || c == '\n') break;
    }
    return text_.substr(from, at_ - from);
  }

  bool value(ImapValue& out, int depth) {
    if (depth > ImapParser::kDeepest) return false;
    const char c = peek();
    if (c == '(') return list(out, depth);
    if (c == '"') return quoted(out);
    if (c == '{' || (c == '~' && text_.substr(at_).starts_with("~{"))) return literal(out);
    const std::string_view atom = word();
    if (atom.empty()) return false;
    out.kind = equals_ignoring_case(atom, "nil") ? ImapValue::Kind::nil : ImapValue::Kind::atom;
    if (out.kind == ImapValue::Kind::atom) out.text = atom;
    return true;
  }

 private:
  bool list(ImapValue& out, int depth) {
    out.kind = ImapValue::Kind::list;
    ++at_;
    while (true) {
      blanks();
      if (take(')')) return true;
      if (done()) return false;
      if (!value(out.items.emplace_back(), depth + 1)) return false;
    }
  }
  bool quoted(ImapValue& out) {
    out.kind = ImapValue::Kind::string;
    for (++at_; !done(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\' && at_ + 1 < text_.size()) c = text_[++at_];
      if (c == '\r' || c == '\n') return false;
      out.text += c;
    }
    return false;
  }
  bool literal(ImapValue& out) {
    const std::size_t line_end = text_.find('\n', at_);
    if (line_end == std::string_view::npos) return false;
    std::string_view head = text_.substr(at_, line_end - at_);
    if (head.ends_with('\r')) head.remove_suffix(1);
    const auto count = literal_at_end(head);
    if (!count || *count > text_.size() - line_end - 1) return false;
    out.kind = ImapValue::Kind::string;
    out.text = text_.substr(line_end + 1, *count);
    at_ = line_end + 1 + *count;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool read_fetch(Cursor& cursor, ImapFetch& fetch) {
  if (!cursor.take('(')) return false;
  while (true) {
    cursor.blanks();
    if (cursor.take(')')) return true;
    const std::string name = upper(cursor.word());
    cursor.blanks();
    ImapValue value;
    if (name.empty() || !cursor.value(value, 1)) return false;
    if (name == "UID") {
      fetch.uid = imap_number<std::uint32_t>(value.text);
    } else if (name == "RFC822.SIZE") {
      fetch.size = imap_number<std::uint64_t>(value.text);
    } else if (name == "INTERNALDATE") {
      fetch.internal_date = std::move(value.text);
    } else if (name == "FLAGS") {
      for (ImapValue& flag : value.items) fetch.flags.push_back(std::move(flag.text));
    } else if (name == "BODY[]" || name == "RFC822" || name == "BINARY[]") {
      fetch.has_body = true;
      if (value.kind != ImapValue::Kind::nil) fetch.body = std::move(value.text);
    }
  }
}

/// "[UIDNEXT 15] Predicted": the code and what follows it.
void read_status(std::string_view rest, ImapResponse& out) {
  rest = trim(rest);
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close != std::string_view::npos) {
      const std::string_view code = rest.substr(1, close - 1);
      const std::size_t blank = std::min(code.find(' '), code.size());
      out.code = upper(code.substr(0, blank));
      out.code_value = trim(code.substr(blank));
      if (out.code == "CAPABILITY") {
        for (std::string_view words = out.code_value; !words.empty();) {
          const std::size_t end = std::min(words.find(' '), words.size());
          if (end > 0) out.words.push_back(upper(words.substr(0, end)));
          words.remove_prefix(std::min(end + 1, words.size()));
        }
      }
      rest = trim(rest.substr(close + 1));
    }
  }
  out.text = clean_utf8(rest.substr(0, 200));
}

Result<ImapResponse> malformed() {
  return transient("IMAP: the server's answer cannot be read");
}

bool read_numbers(std::string_view rest, ImapResponse& out) {
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    if (word.starts_with('(')) return true;  // CONDSTORE's (MODSEQ n)
    if (!word.empty()) {
      const auto number = imap_number<std::uint32_t>(word);
      if (!number || out.found.size() >= ImapParser::kMostNumbers) return false;
      out.found.push_back(*number);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

/// ESEARCH (TAG "A1") UID ALL 1:3,5
bool read_esearch(Cursor& cursor, ImapResponse& out) {
  while (!cursor.done()) {
    cursor.blanks();
    if (cursor.done()) return true;
    ImapValue value;
    if (!cursor.value(value, 1)) return false;
    if (value.kind != ImapValue::Kind::atom || !equals_ignoring_case(value.text, "all")) continue;
    cursor.blanks();
    auto set = parse_uid_set(cursor.word());
    if (!set) return false;
    out.found = std::move(*set);
  }
  return true;
}

Result<ImapResponse> read_untagged(Cursor cursor) {
  ImapResponse out;
  std::string_view word = cursor.word();
  if (const auto number = imap_number<std::uint32_t>(word)) {
    out.number = *number;
    cursor.blanks();
    word = cursor.word();
  }
  out.name = upper(word);
  if (out.name.empty()) return malformed();
  cursor.blanks();
  if (is_status(out.name)) {
    read_status(cursor.rest(), out);
  } else if (out.name == "FETCH" && out.number) {
    ImapFetch fetch;
    fetch.sequence = *out.number;
    if (!read_fetch(cursor, fetch)) return malformed();
    out.fetch = std::move(fetch);
  } else if (out.name == "SEARCH") {
    if (!read_numbers(cursor.rest(), out)) return malformed();
  } else if (out.name == "ESEARCH") {
    if (!read_esearch(cursor, out)) return malformed();
  } else if (out.name == "CAPABILITY") {
    while (!cursor.done()) {
      const std::string_view capability = cursor.word();
      if (capability.empty()) break;
      out.words.push_back(upper(capability));
      cursor.blanks();
    }
  } else if (out.name == "VANISHED") {
    out.text = clean_utf8(cursor.rest().substr(0, 200));
  }
  return out;
}

Result<ImapResponse> read_response(std::string_view text) {
  if (text.starts_with("* ")) return read_untagged(Cursor{text.substr(2)});
  ImapResponse out;
  if (text.starts_with('+')) {
    out.kind = ImapResponse::Kind::continuation;
    out.text = clean_utf8(trim(text.substr(1)).substr(0, 200));
    return out;
  }
  out.kind = ImapResponse::Kind::tagged;
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || blank == 0) return malformed();
  out.tag = clean_utf8(text.substr(0, std::min<std::size_t>(blank, 64)));
  const std::string_view rest = text.substr(blank + 1);
  const std::size_t end = std::min(rest.find(' '), rest.size());
  out.name = upper(rest.substr(0, end));
  if (!is_status(out.name)) return malformed();
  read_status(rest.substr(end), out);
  return out;
}

}  // namespace

void ImapParser::feed(std::string_view bytes) {
  if (start_ > 0 && (start_ == buffer_.size() || start_ > (std::size_t{1} << 20U))) {
    buffer_.erase(0, start_);
    scanned_ -= start_;
    start_ = 0;
  }
  buffer_ += bytes;
}

Result<bool> ImapParser::complete() {
  while (scanned_ < buffer_.size()) {
    const std::size_t end = buffer_.find('\n', scanned_);
    const std::string_view so_far{buffer_.data() + start_, buffer_.size() - start_};
    const std::size_t line = (end == std::string::npos ? buffer_.size() : end) - scanned_;
    if (line_ + line > (is_search(so_far) ? kMostSearch : kMostLine))
      return transient("IMAP: a line of the server is too long");
    if (end == std::string::npos) return false;
    std::string_view text{buffer_.data() + scanned_, line};
    if (text.ends_with('\r')) text.remove_suffix(1);
    const auto literal = may_hold_literals(so_far) ? literal_at_end(text) : std::nullopt;
    if (!literal) {
      end_ = end + 1;
      return true;
    }
    if (*literal > kMostLiteral)
      return transient("IMAP: the server announced a literal of " + std::to_string(*literal) +
                       " bytes");
    if (buffer_.size() - end - 1 < *literal) return false;
    line_ += line;
    scanned_ = end + 1 + static_cast<std::size_t>(*literal);
  }
  return false;
}

Result<std::optional<ImapResponse>> ImapParser::next() {
  const auto whole = complete();
  if (!whole) return whole.error();
  if (!*whole) return std::optional<ImapResponse>{};
  std::string_view text{buffer_.data() + start_, end_ - start_};
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  Result<ImapResponse> response = read_response(text);
  start_ = scanned_ = end_;
  line_ = 0;
  if (!response) return response.error();
  return std::optional<ImapResponse>{std::move(*response)};
}

std::optional<std::vector<std::uint32_t>> parse_uid_set(std::string_view text) {
  std::vector<std::uint32_t> numbers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t colon = part.find(':');
    auto first = imap_number<std::uint32_t>(part.substr(0, colon));
    auto last = colon == std::string_view::npos
                    ? first
                    : imap_number<std::uint32_t>(part.substr(colon + 1));
    if (!first || !last) return std::nullopt;
    if (*first > *last) std::swap(first, last);
    if (*last - *first >= ImapParser::kMostNumbers ||
        numbers.size() + (*last - *first) >= ImapParser::kMostNumbers)
      return std::nullopt;
    for (std::uint64_t n = *first; n <= *last; ++n)
      numbers.push_back(static_cast<std::uint32_t>(n));
  }
  return numbers;
}

}  // namespace earshot
