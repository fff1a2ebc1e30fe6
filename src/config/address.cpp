#include "address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "earshot/core/network.hpp"
#include "earshot/core/reach.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::config {
namespace {

bool is_scheme(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x7F || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == ':';
  });
}

bool has_blank_or_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
}

/// The address that a host stands for without asking anybody; nullopt for other names.
std::optional<std::array<std::uint8_t, 16>> address_of(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const bool local = host == "localhost" || host.ends_with(".localhost");
  return literal_address(local ? "127.0.0.1" : host);
}

bool is_allowed(const std::array<std::uint8_t, 16>& address, const NetworkPolicy& network) {
  return std::any_of(network.allow.begin(), network.allow.end(),
                     [&](const AddressRange& range) { return contains(range, address); });
}

/// "127.0.0.1/32", as `network.allow` wants it.
std::string range_of(const std::array<std::uint8_t, 16>& address) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool v4 = std::equal(kMapped.begin(), kMapped.end(), address.begin());
  char text[INET6_ADDRSTRLEN]{};
  ::inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? kMapped.size() : 0), text,
              sizeof text);
  return fmt::format("{}/{}", text, v4 ? 32 : 128);
}

void check_reach(Context& context, const Node& node, const std::string& path, const UrlParts& url,
                 const NetworkPolicy& network) {
  const bool plain = url.scheme == "http" && !network.insecure_http;
  const auto address = address_of(url.host);
  const bool closed = address && !is_public(*address) && !is_allowed(*address, network);
  if (plain && !is_loopback(url.host)) {
    context.error(node.mark, path, "plain http lets anybody on the way read and change it",
                  "write https://, or allow it with `insecure_http: true`");
    return;
  }
  if (!plain && !closed) return;
  std::string needed = closed ? fmt::format("allow: [\"{}\"]", range_of(*address)) : std::string{};
  if (plain) needed += fmt::format("{}insecure_http: true", closed ? ", " : "");
  const char* what = is_loopback(url.host) ? "this machine" : "no public address";
  context.warning(node.mark, path,
                  fmt::format("{} is {} and will not be reached", in_quotes(url.host), what),
                  fmt::format("allow it with `network: {{{}}}`", needed));
}

}  // namespace

std::optional<UrlParts> split_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || text.size() > 2048 || has_blank_or_control(text))
    return std::nullopt;
  UrlParts url;
  url.scheme = to_lower_ascii(text.substr(0, colon));
  text.remove_prefix(colon + 3);
  const std::size_t end = text.find_first_of("/?#");
  std::string_view authority = text.substr(0, end);
  if (end != std::string_view::npos) url.rest = text.substr(end);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = true;
    authority.remove_prefix(at + 1);
  }
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    url.host = to_lower_ascii(authority.substr(1, close - 1));
    authority.remove_prefix(close + 1);
    if (!authority.empty() && !authority.starts_with(':')) return std::nullopt;
    if (!authority.empty()) url.port = authority.substr(1);
  } else {
    const std::size_t port = authority.find(':');
    url.host = to_lower_ascii(authority.substr(0, port));
    if (port != std::string_view::npos) url.port = authority.substr(port + 1);
    if (url.host.find(':') != std::string::npos) return std::nullopt;
  }
  const bool digits =
      std::all_of(url.port.begin(), url.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_scheme(url.scheme) || !is_host(url.host) || !digits || url.port.size() > 5)
    return std::nullopt;
  if (!url.port.empty() && (std::stoi(url.port) == 0 || std::stoi(url.port) > 65'535))
    return std::nullopt;
  return url;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
         (host.starts_with("127.") && parse_range(host).ok());
}

bool is_retired_connector(const UrlParts& url) {
  return url.host == "webhook.office.com" || url.host.ends_with(".webhook.office.com") ||
         (url.host == "outlook.office.com" && url.rest.starts_with("/webhook"));
}

std::optional<std::string> url_of(Context& context, const Node& node, const std::string& path,
                                  std::initializer_list<std::string_view> schemes,
                                  const NetworkPolicy& network) {
  auto text = text_of(context, node, path, "a URL");
  if (!text) return std::nullopt;
  const auto url = split_url(*text);
  const std::string begin = fmt::format("{}://", *schemes.begin());
  if (!url) {
    context.error(node.mark, path, fmt::format("{} is not a URL", in_quotes(*text)),
                  text->find("://") == std::string::npos
                      ? fmt::format("write {}{}", begin, printable(cut_utf8(*text, 60)))
                      : fmt::format("write {}host/path", begin));
    return std::nullopt;
  }
  if (std::find(schemes.begin(), schemes.end(), url->scheme) == schemes.end()) {
    std::vector<std::string> words;
    for (const std::string_view scheme : schemes) words.push_back(fmt::format("{}://", scheme));
    context.error(node.mark, path, fmt::format("{} URLs are not read here", in_quotes(url->scheme)),
                  fmt::format("write {}", any_of(words)));
    return std::nullopt;
  }
  if (url->user) {
    context.error(
        node.mark, path, "a URL may not hold a user name or a password",
        "use `user:` and `password_file:`, or a file for the whole address where there is one");
    return std::nullopt;
  }
  if (is_retired_connector(*url)) {
    context.error(node.mark, path, kRetired, kWorkflow);
    return std::nullopt;
  }
  check_reach(context, node, path, *url, network);
  return text;
}

bool read_url(Section& section, std::string_view key, std::string& out,
              std::initializer_list<std::string_view> schemes, const NetworkPolicy& network) {
  const Node* node = section.find(key);
  if (node == nullptr) return false;
  auto url = url_of(section.context(), *node, section.path_of(key), schemes, network);
  if (!url) return false;
  out = std::move(*url);
  return true;
}

std::optional<std::string> handle_of(Context& context, const Node& node, const std::string& path) {
  auto text = text_of(context, node, path, "a handle");
  if (!text) return std::nullopt;
  if (text->starts_with('@')) text->erase(0, 1);
  if (!text->empty() && !has_blank_or_control(*text) && !text->starts_with('@') &&
      text->find("://") == std::string::npos)
    return text;
  context.error(node.mark, path, fmt::format("{} is not a handle", in_quotes(node.text)),
                R"(write "@name" or "@name@server")");
  return std::nullopt;
}

void read_handles(Section& section, std::string_view key, std::vector<std::string>& out) {
  section.each(key, [&](const Node& item, const std::string& path) {
    if (auto handle = handle_of(section.context(), item, path)) out.push_back(std::move(*handle));
  });
}

std::optional<std::string> mail_of(Context& context, const Node& node, const std::string& path) {
  auto text = text_of(context, node, path, "a mail address");
  if (!text) return std::nullopt;
  const std::size_t at = text->rfind('@');
  const bool right = at != std::string::npos && at > 0 && at + 1 < text->size() &&
                     !has_blank_or_control(*text) && text->size() <= 254 &&
                     text->find_first_of("<>,;()\"\\") == std::string::npos &&
                     text->find('@') == at && (*text)[at + 1] != '.' && text->back() != '.';
  if (right) return to_lower_ascii(*text);
  context.error(node.mark, path, fmt::format("{} is not a mail address", in_quotes(*text)),
                "write name@host, without a display name");
  return std::nullopt;
}

void read_mails(Section& section, std::string_view key, std::vector<std::string>& out) {
  section.each(key, [&](const Node& item, const std::string& path) {
    if (auto mail = mail_of(section.context(), item, path)) out.push_back(std::move(*mail));
  });
}

NetworkPolicy joined(const NetworkPolicy& a, const NetworkPolicy& b) {
  NetworkPolicy both = a;
  both.allow.insert(both.allow.end(), b.allow.begin(), b.allow.end());
  both.insecure_http = a.insecure_http || b.insecure_http;
  return both;
}

}  // namespace earshot::config
