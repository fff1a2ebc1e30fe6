#pragma once

/// The plain pages: open cases, live; and what a signed link shows. Everything foreign is escaped;
/// scripts and styles are files of their own, so that the content policy can forbid inline ones.
/// Pure.

#include <optional>
#include <string>

#include "earshot/cases/case.hpp"
#include "earshot/config/config.hpp"
#include "earshot/web/ack_link.hpp"
#include "http/request.hpp"

namespace earshot {

/// "/", "/cases/…" and their script and style; nullopt for any other path.
std::optional<WebResponse> plain_asset(const std::string& path);

/// What a signed link opens.
struct AckPage {
  AckGrant grant;
  LinkLevel level = LinkLevel::button;
  std::string token;
  AckKey key;  ///< signs the links of the page: give back, not worth waking
  Instant now{};
  Duration undo{};  ///< how long an acknowledgement can be given back
};
WebResponse ack_question(const Case& it, const AckPage& page);
WebResponse ack_done(const Case& it, const AckPage& page);
WebResponse ack_html(int status, const std::string& body);
WebResponse ack_problem(int status, const std::string& text);

/// Foreign words as a page shows them: control characters as escapes, and nothing that HTML reads.
std::string in_html(std::string_view text);

}  // namespace earshot
