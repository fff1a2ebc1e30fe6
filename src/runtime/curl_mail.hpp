#pragma once

/// What reading and sending mail through curl have in common. Only curl_mail.cpp and curl_smtp.cpp
/// include this.

#include <algorithm>

#include "curl_multi.hpp"

namespace earshot {

/// The URL of a mail server: one of the schemes, no path.
Result<UrlParts> read_mail_url(const std::string& url,
                               std::initializer_list<std::string_view> schemes);

/// True for the words with which curl takes leave: "QUIT", "A003 LOGOUT".
bool is_farewell(curl_infotype type, std::string_view line);

/// TLS is required unless the policy allows to do without; then it is used where offered.
void set_mail_options(CURL* easy, const std::string& url, const std::string& ca_file,
                      Duration timeout, bool insecure);

}  // namespace earshot
