#pragma once

/// Checks of URLs, handles and mail addresses. Pure.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "context.hpp"

namespace earshot::config {

struct UrlParts {
  std::string scheme;  ///< lower case
  std::string host;    ///< lower case, without brackets
  std::string port;
  bool user = false;  ///< carries a user or password
  std::string rest;   ///< path, query and fragment
};
/// RFC 3986 3: scheme "://" authority rest; nullopt for anything else.
std::optional<UrlParts> split_url(std::string_view text);
inline constexpr const char* kRetired = "Office 365 connectors were retired in 2026";
inline constexpr const char* kWorkflow =
    "make a Teams workflow that takes webhooks, and use its URL";
/// Is it one of those?
bool is_retired_connector(const UrlParts& url);
/// localhost and the loopback addresses.
bool is_loopback(std::string_view host);

/// Reads a URL of one of these schemes and complains of what cannot work: credentials in it, plain
/// http where it is not allowed, a service that has ended. `network` is what the target may reach.
bool read_url(Section& section, std::string_view key, std::string& out,
              std::initializer_list<std::string_view> schemes, const NetworkPolicy& network);
/// The same for a value that was found already.
std::optional<std::string> url_of(Context& context, const Node& node, const std::string& path,
                                  std::initializer_list<std::string_view> schemes,
                                  const NetworkPolicy& network);

/// "@care@brightwave.example" -> "care@brightwave.example".
std::optional<std::string> handle_of(Context& context, const Node& node, const std::string& path);
void read_handles(Section& section, std::string_view key, std::vector<std::string>& out);
/// A mail address in lower case.
std::optional<std::string> mail_of(Context& context, const Node& node, const std::string& path);
void read_mails(Section& section, std::string_view key, std::vector<std::string>& out);

/// The policies of a target and of the whole program together.
NetworkPolicy joined(const NetworkPolicy& a, const NetworkPolicy& b);

}  // namespace earshot::config
