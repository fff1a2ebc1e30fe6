// The keys of receivers that are services: chats, push messages, incident desks, telephones.
#include <fmt/format.h>

#include <algorithm>

#include "address.hpp"
#include "earshot/config/updates.hpp"
#include "earshot/core/utf8.hpp"
#include "sections.hpp"
#include "services.hpp"

namespace earshot::config {
namespace {

/// The address of a webhook lets anybody who knows it write.
void read_secret_url(Section& section, ReceiverConfig& out) {
  section.known({"url", "url_file"});
  if (const Node* url = section.find("url")) {
    section.error(url->mark, "url",
                  fmt::format("the address of a {} webhook is a secret", out.type),
                  "put it into a file of its own and write `url_file: NAME`");
    return;
  }
  section.need("url_file", "a file with the address of the webhook");
  section.read_file_as_secret("url_file", out.url_file);
}

/// A secret of another name in the configuration, the same place in ReceiverConfig.
void read_key(Section& section, std::string_view key, ReceiverConfig& out, std::string why) {
  section.need(key, std::move(why));
  section.read_secret_file(key, out.token_file);
}

void read_base(Section& section, const NetworkPolicy& reach, ReceiverConfig& out) {
  read_url(section, "url", out.url, {"https", "http"}, reach);
}

void read_slack(Section& section, const NetworkPolicy& reach, ReceiverConfig& out) {
  if (!section.has("token_file")) {
    section.known({"channel"});
    if (const Node* channel = section.find("channel"))
      section.error(channel->mark, "channel", "a webhook writes to the channel it was made for",
                    "with `token_file: NAME` instead of url_file it can be chosen");
    return read_secret_url(section, out);
  }
  read_key(section, "token_file", out, "a bot token");
  section.need("channel", "where to write, such as C0123456789");
  section.read("channel", out.channel);
  read_base(section, reach, out);
  section.known({"url_file"});
  if (section.has("url_file"))
    section.error(section.find("url_file")->mark, "url_file", "the way is given twice",
                  "write `url_file:` or `token_file:` and `channel:`");
}

void read_mattermost(Section& section, const NetworkPolicy& reach, ReceiverConfig& out) {
  section.read("channel", out.channel);
  if (!section.has("token_file")) return read_secret_url(section, out);
  read_key(section, "token_file", out, "a bot token");
  section.need("channel", "the id of the channel");
  section.need("url", "the server, such as https://chat.example");
  read_base(section, reach, out);
  section.known({"url_file"});
  if (section.has("url_file"))
    section.error(section.find("url_file")->mark, "url_file", "the way is given twice",
                  "write `url_file:` or `url:`, `token_file:` and `channel:`");
}

void read_ntfy(Section& section, const NetworkPolicy& reach, ReceiverConfig& out) {
  read_base(section, reach, out);
  section.known({"topic", "topic_file"});
  if (section.has("topic_file")) {
    section.read_file_as_secret("topic_file", out.channel_file);
    if (section.has("topic"))
      section.error(section.find("topic_file")->mark, "topic_file", "the topic is given twice",
                    "write `topic:` or `topic_file:`");
    return;
  }
  section.need("topic", "or topic_file where nobody else may know it");
  section.read("topic", out.channel);
}

bool is_number(std::string_view text) {
  return text.size() >= 8 && text.size() <= 16 && text.front() == '+' &&
         std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

void read_phone(Section& section, const NetworkPolicy& reach, ReceiverConfig& out) {
  read_base(section, reach, out);
  section.need("account", "the account's SID");
  section.read("account", out.account);
  const bool plain = std::ranges::all_of(out.account, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (!plain)
    section.error(section.find("account")->mark, "account", "a SID is letters and digits");
  read_key(section, "token_file", out, "the account's token");
  section.need("from", "the number that writes or calls");
  section.read("from", out.from);
  std::string to;
  if (!section.read("to", to)) return;
  if (is_number(to))
    out.to = {to};
  else
    section.error(section.find("to")->mark, "to",
                  fmt::format("{} is not a telephone number", in_quotes(to)),
                  "write it as +441632960123, without blanks");
}

void read_exec(Section& section, ReceiverConfig& out) {
  section.need("command", "command: [/usr/local/bin/tell, --loud]");
  if (section.read("command", out.command) && out.command.empty())
    section.error(section.find("command")->mark, "command", "no program is named");
}

void read_updates(Section& section, ReceiverConfig& out) {
  const Node* node = section.find("updates");
  if (node == nullptr) return;
  std::vector<std::string> words;
  for (const CaseChange it : possible_updates(out.type)) words.emplace_back(to_word(it));
  out.updates.emplace();
  section.each("updates", [&](const Node& item, const std::string& path) {
    const auto word = text_of(section.context(), item, path, "a change of a case");
    if (!word) return;
    if (std::ranges::find(words, *word) == words.end())
      section.context().error(
          item.mark, path, fmt::format("{} cannot be told of {}", out.type, in_quotes(*word)),
          words.empty() ? std::string{} : fmt::format("write {}", any_of(words)));
    else
      out.updates->push_back(*word);
  });
}

void read_templates(Section& section, ReceiverConfig& out) {
  const Node* node = section.find("templates");
  if (node == nullptr) return;
  Section files{section.context(), *node, section.path_of("templates")};
  if (!files.ok()) return;
  const bool html = out.type == "email" || out.type == "matrix";
  for (const std::string_view part : {"subject", "text", "html"}) {
    if (part == "html" && !html) continue;
    std::string file;
    if (files.read_file(part, file)) out.templates[std::string{part}] = {file, ""};
  }
  files.done([html](const std::string& key) {
    return key == "html" && !html ? std::string{"only email and matrix show HTML"} : std::string{};
  });
}

}  // namespace

void read_common(Section& section, ReceiverConfig& out, bool updates, bool templates) {
  section.read("at_once", out.at_once, 1, 256);
  read_rate(section, out.rate);
  if (updates) read_updates(section, out);
  if (templates) read_templates(section, out);
}

bool read_service(Section& section, const NetworkPolicy& reach, ReceiverConfig& out) {
  const std::string& type = out.type;
  if (type == "slack") {
    read_slack(section, reach, out);
  } else if (type == "teams" || type == "discord") {
    read_secret_url(section, out);
  } else if (type == "mattermost") {
    read_mattermost(section, reach, out);
  } else if (type == "telegram") {
    read_base(section, reach, out);
    read_key(section, "token_file", out, "the bot's token");
    section.need("chat", "the chat's id, or @name of a channel");
    section.read("chat", out.channel);
  } else if (type == "matrix") {
    section.need("url", "the home server");
    read_base(section, reach, out);
    read_key(section, "token_file", out, "an access token");
    section.need("room", "the room's id, such as \"!abc:example.org\"");
    section.read("room", out.channel);
  } else if (type == "ntfy") {
    read_ntfy(section, reach, out);
    section.read_secret_file("token_file", out.token_file);
  } else if (type == "pagerduty" || type == "opsgenie") {
    read_base(section, reach, out);
    read_key(section, "key_file", out, type == "pagerduty" ? "the routing key" : "the API key");
  } else if (type == "sms" || type == "voice") {
    read_phone(section, reach, out);
  } else if (type == "exec") {
    read_exec(section, out);
  } else {
    return false;
  }
  return true;
}

}  // namespace earshot::config
