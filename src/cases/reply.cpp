#include "earshot/cases/reply.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

// What people write on a phone at night, in the languages of the lexicon. Longer ones first where
// one begins another.
constexpr std::array kTake{"acknowledged",
                           "acknowledge",
                           "ack",
                           "i have it",
                           "i've got it",
                           "i got it",
                           "got it",
                           "i take it",
                           "i'll take it",
                           "taking it",
                           "taken",
                           "on it",
                           "i'm on it",
                           "mine",
                           "okay",
                           "ok",
                           "yes",
                           "übernehme ich",
                           "ich übernehme",
                           "übernehme",
                           "bin dran",
                           "ich mach das",
                           "ich mache das",
                           "ich kümmere mich",
                           "hab ich",
                           "je m'en occupe",
                           "je prends",
                           "je le prends",
                           "pris en charge",
                           "lo tengo",
                           "me encargo",
                           "me ocupo",
                           "ci penso io",
                           "me ne occupo",
                           "lo prendo io",
                           "ik pak het",
                           "ik doe het",
                           "ik neem het",
                           "eu trato disso",
                           "eu assumo",
                           "assumo",
                           "main dekhta hoon",
                           "main dekhti hoon",
                           "対応します",
                           "対応中",
                           "了解",
                           "ben bakıyorum",
                           "bakıyorum",
                           "üstleniyorum",
                           "zajmę się",
                           "biorę to",
                           "biorę",
                           "jag tar det",
                           "jag tar den"};
constexpr std::array kNotWorth{
    "not worth waking", "not worth it",   "false alarm", "fehlalarm",    "fausse alerte",
    "falsa alarma",     "falso allarme",  "vals alarm",  "falso alarme", "誤報",
    "yanlış alarm",     "fałszywy alarm", "falskt larm"};

bool ends_word(std::string_view text, std::size_t at) {
  if (at >= text.size()) return true;
  const auto c = static_cast<unsigned char>(text[at]);
  return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c == '-');
}

/// Bytes of the phrase that the line begins with; 0 where it does not.
template <std::size_t N>
std::size_t begins(const std::string& lower, const std::array<const char*, N>& list) {
  std::size_t longest = 0;
  for (const std::string_view phrase : list) {
    if (lower.starts_with(phrase) && ends_word(lower, phrase.size()))
      longest = std::max(longest, phrase.size());
  }
  return longest;
}

/// Lower case for the letters these phrases hold: ASCII, and the capitals Ü and Z, J with signs.
std::string lower_of(std::string_view line) {
  std::string out = to_lower_ascii(line);
  for (std::size_t at = 0; (at = out.find("Ü", at)) != std::string::npos;) out.replace(at, 2, "ü");
  for (std::size_t at = 0; (at = out.find("\xE2\x80\x99", at)) != std::string::npos;)
    out.replace(at, 3, "'");
  return out;
}

std::string rest_of(std::string_view line, std::size_t from, std::string_view below) {
  std::string_view after = from < line.size() ? line.substr(from) : std::string_view{};
  while (!after.empty() &&
         std::string_view{" .,:;!-"}.find(after.front()) != std::string_view::npos)
    after.remove_prefix(1);
  std::string out{trim(after)};
  const std::string_view more = trim(below);
  if (!more.empty()) out += (out.empty() ? "" : "\n") + std::string{more};
  return out;
}

}  // namespace

Reply read_reply(std::string_view text) {
  const std::string_view body = trim(text);
  if (body.empty()) return {ReplyKind::take, ""};
  const std::size_t end = std::min(body.find('\n'), body.size());
  const std::string line = lower_of(trim(body.substr(0, end)));
  const std::string_view below = body.substr(end);
  if (line.ends_with('?') || line.starts_with('?') || line.ends_with("？"))
    return {ReplyKind::question, std::string{body}};
  // The lower-cased line is as long as the written one but for a curly apostrophe.
  if (const std::size_t n = begins(line, kNotWorth); n > 0)
    return {ReplyKind::not_worth, rest_of(line, n, below)};
  if (const std::size_t n = begins(line, kTake); n > 0) {
    const bool plain = line.size() == trim(body.substr(0, end)).size();
    return {ReplyKind::take,
            rest_of(plain ? trim(body.substr(0, end)) : std::string_view{line}, n, below)};
  }
  return {ReplyKind::note, std::string{body}};
}

SubjectTag subject_tag(std::string_view subject) {
  for (std::size_t at = subject.find("[#"); at != std::string_view::npos;
       at = subject.find("[#", at + 1)) {
    const std::string_view in = subject.substr(at + 2);
    const std::size_t close = in.find(']');
    const std::size_t dash = in.find('-');
    if (close == std::string_view::npos || dash == std::string_view::npos || dash > close) continue;
    SubjectTag out;
    const auto [end, failed] = std::from_chars(in.data(), in.data() + dash, out.number);
    out.tag = in.substr(dash + 1, close - dash - 1);
    const bool hex =
        out.tag.size() == 8 && out.tag.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (failed == std::errc{} && end == in.data() + dash && out.number > 0 && hex) return out;
  }
  return {};
}

}  // namespace earshot
