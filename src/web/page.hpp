#pragma once

/// The plain pages: open cases, live; and what a signed link shows. Everything foreign is escaped;
/// scripts and styles are files of their own, so that the content policy can forbid inline ones.
/// Pure.

#include <optional>
#include <string>

#include "earshot/cases/case.hpp"
#include "http/request.hpp"

namespace earshot {

/// "/", "/cases/…" and their script and style; nullopt for any other path.
std::optional<WebResponse> plain_asset(const std::string& path);

WebResponse ack_question(const Case& it, const std::string& token);
WebResponse ack_done(const Case& it);
WebResponse ack_problem(int status, const std::string& text);

std::string escape_html(std::string_view text);

}  // namespace earshot
