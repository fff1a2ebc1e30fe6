#pragma once

/// A receiver of any type with secrets that would be recognised anywhere, over a FakeHttp.

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "earshot/receivers/message_template.hpp"
#include "earshot/receivers/payload.hpp"
#include "earshot/receivers/registry.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_http.hpp"
#include "support/fake_mail.hpp"
#include "support/run.hpp"

namespace earshot {

inline constexpr const char* kCanary = "CaNaRy7Secret0123456789";

class ReceiverKit {
 public:
  ReceiverKit() {
    std::string name = (std::filesystem::temp_directory_path() / "earshot-kit-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    write("token", kCanary);
    write("url", std::string{"https://hooks.example/services/"} + kCanary);
    write("topic", kCanary);
    write("whsec", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
  }
  ~ReceiverKit() { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0600);
  }

  /// `variant` "api": slack and mattermost by token.
  static ReceiverConfig config(const std::string& type, const std::string& variant = {}) {
    ReceiverConfig it;
    it.name = "r";
    it.type = type;
    const bool by_url = (type == "slack" || type == "mattermost") && variant != "api";
    if (by_url || type == "teams" || type == "discord" || type == "webhook") {
      it.url_file = "url";
    } else if (type != "exec" && type != "log" && type != "email") {
      it.token_file = "token";
    }
    if (type == "webhook") it.secret_file = "whsec";
    if (type == "ntfy") it.channel_file = "topic";
    if (type == "mattermost" && variant == "api") it.url = "https://chat.example";
    if (type == "matrix") it.url = "https://matrix.example";
    if (type == "alertmanager") it.url = "https://am.example";
    if (!by_url && (type == "slack" || type == "mattermost")) it.channel = "C01";
    if (type == "telegram") it.channel = "-1001";
    if (type == "matrix") it.channel = "!room:matrix.example";
    if (type == "sms" || type == "voice") {
      it.account = "AC1";
      it.from = "+15550001";
      it.to = {"+15550002"};
    }
    if (type == "email") it.to = {"jo@example.org"}, it.from = "earshot@example.org";
    return it;
  }

  std::shared_ptr<Receiver> make(const ReceiverConfig& config) {
    auto made = make_receiver(config, {}, {clock, http, mail, folder_});
    return made ? *made : nullptr;
  }

  static OutboxRow row(const ReceiverConfig& config, const Message& message) {
    OutboxRow out;
    out.key = "page/1";
    out.case_id = "01CASE";
    out.receiver = config.name;
    out.message_id = "case-01CASE.00ff";
    out.created_at = message.at;
    out.body = render(config, message, {out.message_id, "", "earshot@example.org"});
    return out;
  }

  Delivery deliver(const std::shared_ptr<Receiver>& receiver, OutboxRow row) {
    return loop.run(clock, receiver->deliver(std::move(row)));
  }

  Loop loop;
  FakeClock clock{loop};
  FakeHttp http;
  FakeMailSender mail;

 private:
  std::string folder_;
};

}  // namespace earshot
