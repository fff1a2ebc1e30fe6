// Mails that wait or were sent are encoded: taken apart, cleaned, put together again.
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "person.hpp"

namespace earshot {
namespace {

constexpr std::string_view kBody = "Content-Transfer-Encoding: base64\r\n\r\n";
constexpr std::string_view kWord = "=?UTF-8?B?";
constexpr std::string_view kWordEnd = "?=";
constexpr std::size_t kLine = 76;

std::string lines_of(std::string_view encoded) {
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += kLine)
    out += std::string{encoded.substr(at, kLine)} + "\r\n";
  return out;
}

/// Words of a header that stand one after the other are one text.
std::string clean_headers(const Traces& traces, std::string_view head) {
  std::string out;
  for (;;) {
    const std::size_t begin = head.find(kWord);
    if (begin == std::string_view::npos) return out + std::string{head};
    out += head.substr(0, begin);
    head.remove_prefix(begin);
    std::string text;
    std::size_t taken = 0;
    for (std::string_view rest = head; rest.starts_with(kWord);) {
      const std::size_t end = rest.find(kWordEnd, kWord.size());
      if (end == std::string_view::npos) break;
      text += from_base64(rest.substr(kWord.size(), end - kWord.size())).value_or("");
      taken = head.size() - rest.size() + end + kWordEnd.size();
      rest = head.substr(taken);
      if (rest.starts_with("\r\n " + std::string{kWord})) rest.remove_prefix(3);
    }
    if (taken == 0) return out + std::string{head};
    const std::string cleaned = traces.without(text);
    out += cleaned == text ? std::string{head.substr(0, taken)} : mail_header(cleaned, 400);
    head.remove_prefix(taken);
  }
}

}  // namespace

std::string clean_mail(const Traces& traces, std::string_view mail) {
  std::string out;
  for (;;) {
    const std::size_t found = mail.find(kBody);
    const std::size_t begin = found == std::string_view::npos ? mail.size() : found + kBody.size();
    out += traces.without(clean_headers(traces, mail.substr(0, begin)));
    mail.remove_prefix(begin);
    if (mail.empty()) return out;
    std::size_t end = mail.find("\r\n--");
    end = end == std::string_view::npos ? mail.size() : end + 2;
    std::string encoded{mail.substr(0, end)};
    std::erase_if(encoded, [](char c) { return c == '\r' || c == '\n'; });
    const std::string text = from_base64(encoded).value_or("");
    const std::string cleaned = traces.without(text);
    out += cleaned == text ? std::string{mail.substr(0, end)} : lines_of(base64(cleaned));
    mail.remove_prefix(end);
  }
}

}  // namespace earshot
