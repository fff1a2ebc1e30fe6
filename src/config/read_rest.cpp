/// The small sections: mail, heartbeat, store, web, log.

#include <fmt/format.h>

#include <charconv>

#include "address.hpp"
#include "earshot/core/network.hpp"
#include "earshot/core/utf8.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

struct HostPort {
  std::string host;
  int port = 0;
};

/// "127.0.0.1:8460", "[::1]:8460"; a host name is refused: which address would be meant?
std::optional<HostPort> host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  HostPort out{std::string{text.substr(0, colon)}, 0};
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, failed] =
      std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (failed != std::errc{} || end != digits.data() + digits.size() || out.port < 0 ||
      out.port > 65'535)
    return std::nullopt;
  if (out.host.starts_with('[') && out.host.ends_with(']')) {
    out.host = out.host.substr(1, out.host.size() - 2);
  } else if (out.host.find(':') != std::string::npos) {
    return std::nullopt;
  }
  if (out.host == "localhost") return out;
  return !out.host.empty() && out.host.find('/') == std::string::npos && parse_range(out.host).ok()
             ? std::optional{out}
             : std::nullopt;
}

void read_listen(Section& section, WebConfig& out) {
  const Node* node = section.find("listen");
  if (node == nullptr) return;
  if (node->kind == Node::Kind::text && (node->text == "none" || node->text == "off")) {
    out.listen.clear();
    return;
  }
  const auto text = text_of(section.context(), *node, section.path_of("listen"), "ADDRESS:PORT");
  if (!text) return;
  const auto address = host_port(*text);
  if (!address) {
    section.error(node->mark, "listen",
                  fmt::format("{} is no address to listen on", in_quotes(*text)),
                  R"(write "127.0.0.1:8460", "[::1]:8460", or none for no server)");
    return;
  }
  out.listen = *text;
  if (is_loopback(address->host)) return;
  if (out.open_on_loopback) {
    section.error(node->mark, "listen", "anybody who reaches this address would be let in",
                  "remove `open_on_loopback: true`, or listen on 127.0.0.1");
  } else if (out.token_file.empty() && !section.has("token_file")) {
    section.error(
        node->mark, "listen",
        "beyond this machine nobody is let in without a token, and there is none",
        "write `token_file: NAME` with a first admin token, or listen on 127.0.0.1 behind a proxy");
  }
}

void read_backup(Context& context, const Node& node, std::optional<BackupConfig>& out) {
  Section section{context, node, "store.backup"};
  if (!section.ok()) return;
  BackupConfig backup;
  section.need("directory", "a folder for the copies, best on another disk");
  section.read("directory", backup.directory);
  section.read("every", backup.every, {seconds{10}, hours{24 * 7}});
  section.read("keep", backup.keep, 1, 10'000);
  section.read("keep_days", backup.keep_days, 0, 366);
  section.done();
  out = std::move(backup);
}

}  // namespace

void read_mail(Context& context, const Node& node, SmtpConfig& out) {
  Section section{context, node, "mail"};
  if (!section.ok()) return;
  section.read_network(out.network);
  section.need("url", "the mail server, like smtps://mail.example:465");
  read_url(section, "url", out.url, {"smtps", "smtp"}, out.network);
  section.read("user", out.user);
  section.read_secret_file("password_file", out.password_file);
  if (section.has("user") != section.has("password_file") && !section.has("password")) {
    section.need(section.has("user") ? "password_file" : "user",
                 "a user and a password belong together");
  }
  section.need("from", "the address pages come from");
  if (const Node* from = section.find("from"))
    out.from = mail_of(context, *from, "mail.from").value_or("");
  section.read_file("ca_file", out.ca_file);
  section.done();
}

void read_heartbeat(Context& context, const Node& node, std::optional<HeartbeatConfig>& out) {
  Section section{context, node, "heartbeat"};
  if (!section.ok()) return;
  HeartbeatConfig beat;
  if (section.has("url")) {
    section.known({"url", "url_file"});
    if (const Node* url = section.find("url"))
      section.error(url->mark, "url", "the address of a heartbeat is a secret",
                    "put it into a file of its own and write `url_file: NAME`");
  } else {
    section.need("url_file", "a file with the address that is called while all is well");
    section.read_file_as_secret("url_file", beat.url_file);
  }
  section.read("every", beat.every, {seconds{1}, hours{24}});
  section.done();
  out = std::move(beat);
}

void read_store(Context& context, const Node& node, StoreConfig& out) {
  Section section{context, node, "store"};
  if (!section.ok()) return;
  static const std::vector<std::string> kTypes{"sqlite", "postgresql"};
  section.known({"path", "dsn_file"});
  const bool typed = section.read_word("type", out.type, kTypes);
  if (typed && out.type == "postgresql") {
    context.planned(section.find("type")->mark, "store.type", "PostgreSQL is not in this release",
                    "write `type: sqlite`");
    return;
  }
  section.read("path", out.path);
  if (const Node* backup = section.find("backup")) read_backup(context, *backup, out.backup);
  if (section.has("dsn_file")) {
    for (const Entry& entry : node.entries) {
      if (entry.key == "dsn_file")
        section.error(entry.mark, "dsn_file", "sqlite has a path, not a DSN",
                      "write `path: earshot.db`");
    }
  }
  section.done();
}

void read_web(Context& context, const Node& node, WebConfig& out) {
  Section section{context, node, "web"};
  if (!section.ok()) return;
  section.read("open_on_loopback", out.open_on_loopback);
  section.read_secret_file("token_file", out.token_file);
  read_listen(section, out);
  NetworkPolicy anywhere;  // a link for people's browsers: Earshot does not connect to it
  anywhere.insecure_http = true;
  anywhere.allow = {*parse_range("0.0.0.0/0"), *parse_range("::/0")};
  read_url(section, "public_url", out.public_url, {"https", "http"}, anywhere);
  while (out.public_url.ends_with('/')) out.public_url.pop_back();
  section.read("ack_link_life", out.ack_link_life, {minutes{1}, hours{24 * 30}});
  section.done();
}

void read_log(Context& context, const Node& node, LogConfig& out) {
  Section section{context, node, "log"};
  if (!section.ok()) return;
  static const std::vector<std::string> kLevels{"debug", "info", "warn", "error"};
  static const std::vector<std::string> kFormats{"auto", "logfmt", "json"};
  section.read_word("level", out.level, kLevels);
  section.read_word("format", out.format, kFormats);
  section.done();
}

}  // namespace earshot::config
