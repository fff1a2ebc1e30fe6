// What of a post leaves the house for a second opinion.
#include <algorithm>
#include <array>

#include "earshot/classify/second_opinion.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/forget.hpp"
#include "earshot/text/mask.hpp"

namespace earshot {
namespace {

constexpr std::size_t kHead = 5000;                      // of kMostAsked
constexpr std::size_t kRawHead = 8000, kRawTail = 5000;  // looked at: masking a whole book is slow
constexpr std::string_view kLeftOut = "\n[…]\n";
constexpr std::size_t kLongestMask = 120;  // of what mask_personal() leaves

bool wordy(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// The host of "https://user:secret@host:8080/path".
std::string_view host_in(std::string_view link) {
  link.remove_prefix(link.find("://") + 3);
  link = link.substr(0, link.find_first_of("/?#\\"));
  if (const std::size_t at = link.rfind('@'); at != std::string_view::npos)
    link.remove_prefix(at + 1);
  return link.substr(0, link.find(':'));
}

/// "https://shop.example/reset?token=…" -> "[link shop.example]": addresses carry tokens and names.
std::string without_links(std::string_view text) {
  const std::string lower = to_lower_ascii(text);
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = lower.find("http"); at != std::string::npos; at = lower.find("http", at)) {
    const std::string_view rest = std::string_view{lower}.substr(at);
    if (!rest.starts_with("http://") && !rest.starts_with("https://")) {
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \t\r\n<>\"", at), text.size());
    out += text.substr(done, at - done);
    out += "[link ";
    out += host_in(text.substr(at, end - at));
    out += ']';
    done = at = end;
  }
  out += text.substr(done);
  return out;
}

/// "[phone …67]" -> "[phone]": a machine has no use for what is left of it.
std::string without_remains(std::string_view text) {
  constexpr std::array<std::string_view, 4> kKinds{"[mail ", "[phone ", "[IBAN ", "[card "};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = std::string_view::npos;
    for (const std::string_view kind : kKinds) {
      if (!text.substr(i).starts_with(kind)) continue;
      const std::string_view masked = text.substr(i, kLongestMask);
      const std::size_t close = masked.find(']');
      if (close != std::string_view::npos && masked.substr(0, close).find("…") < close)
        end = i + close + 1;
      if (end == std::string_view::npos) continue;
      out += kind.substr(0, kind.size() - 1);
      out += ']';
    }
    if (end == std::string_view::npos) {
      out += text[i++];
    } else {
      i = end;
    }
  }
  return out;
}

bool is_ours(std::string_view handle, const Company& company) {
  const auto same = [&](const std::string& it) { return equals_ignoring_case(it, handle); };
  if (std::ranges::any_of(company.handles, same)) return true;
  return std::ranges::any_of(company.handles_on,
                             [&](const auto& it) { return std::ranges::any_of(it.second, same); });
}

/// "@mara@social.example" -> "[handle]"; our own stay.
std::string without_other_handles(std::string_view text, const Company& company) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (text[i] == '@' && end < text.size() &&
           (wordy(text[end]) || text[end] == '.' || text[end] == '-' || text[end] == '@'))
      ++end;
    while (end > i + 1 && !wordy(text[end - 1])) --end;
    if (text[i] != '@' || end == i + 1) {
      out += text[i++];
      continue;
    }
    const std::string_view handle = text.substr(i + 1, end - i - 1);
    out += is_ours(handle, company) ? text.substr(i, end - i) : std::string_view{"[handle]"};
    i = end;
  }
  return out;
}

/// The last bytes of a text, without half a character.
std::string_view last_utf8(std::string_view text, std::size_t bytes) {
  std::size_t from = text.size() - bytes;
  while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U) ++from;
  return text.substr(from);
}

std::string shortened(std::string text) {
  if (text.size() <= kMostAsked) return text;
  std::string out{cut_utf8(text, kHead)};
  out += kLeftOut;
  out += last_utf8(text, kMostAsked - kHead - kLeftOut.size());
  return out;
}

/// Begin and end of a very long text, up to whole words that are no part of a number: half a number
/// would not be known for one.
std::string ends_of(std::string text) {
  if (text.size() <= kRawHead + kRawTail) return text;
  constexpr std::string_view kNumber = "0123456789+-./() ";
  std::string_view head = cut_utf8(text, kRawHead);
  head = head.substr(0, std::min(head.find_last_of(" \n"), head.size()));
  head = head.substr(0, head.find_last_not_of(kNumber) + 1);
  std::string_view tail = last_utf8(text, kRawTail);
  tail.remove_prefix(std::min(tail.find_first_of(" \n"), tail.size()));
  tail.remove_prefix(std::min(tail.find_first_not_of(kNumber), tail.size()));
  std::string out{head};
  out += kLeftOut;
  out += tail;
  return out;
}

}  // namespace

std::string words_asked(const Post& post, const Watch& watch) {
  Traces author;
  author.add_name(post.author.name);
  author.add_name(post.author.handle);
  const std::string named = author.without_names(without_links(ends_of(words_of(post))));
  const std::string masked = without_remains(mask_personal(named));
  return shortened(without_other_handles(masked, watch.company));
}

}  // namespace earshot
