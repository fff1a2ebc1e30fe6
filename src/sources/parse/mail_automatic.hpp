#pragma once

/// Which mails a machine sent (RFC 3834 and what mail programs really write). Pure.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/post.hpp"
#include "mail_headers.hpp"

namespace earshot {

/// Judged by header fields; the subject only decides between kinds once another field says that a
/// machine wrote. A List-Id among `own_lists` is a shared mailbox of the company's own (a group
/// that forwards to its members): its list fields say nothing about the mail.
Automatic automatic_kind(const MailHeaders& headers, std::string_view subject_text,
                         std::string_view from, const std::vector<std::string>& own_lists = {});

}  // namespace earshot
