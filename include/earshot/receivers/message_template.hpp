#pragma once

/// Messages in the operator's own words. A template that fails leaves the built-in text in its
/// place and says so: it never drops a page. Pure.

#include <string>

#include "earshot/config/config.hpp"
#include "earshot/receivers/message.hpp"

namespace earshot {

struct Templated {
  Message message;      ///< headline, said_text and said_html where the receiver has templates
  std::string trouble;  ///< which template failed and how; "" = none
};
Templated with_templates(const ReceiverConfig& receiver, Message message);

/// Made-up data with every name set: what check-config renders the templates with.
Message sample_message(MessageKind kind);

}  // namespace earshot
