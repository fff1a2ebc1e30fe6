#pragma once

/// Which mails a machine sent (RFC 3834 and what mail programs really write). Pure.

#include "earshot/core/post.hpp"
#include "mail_headers.hpp"

namespace earshot {

/// Judged by header fields; the subject only decides between kinds once another field says that a
/// machine wrote.
Automatic automatic_kind(const MailHeaders& headers, std::string_view subject,
                         std::string_view from);

}  // namespace earshot
