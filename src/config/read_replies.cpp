/// `replies:`: through what, and as whom, approved replies go out to customers; who approves.

#include <fmt/format.h>

#include <algorithm>

#include "address.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

constexpr int kMastodonLimit = 500;  // its own default; servers may allow more
constexpr int kBlueskyLimit = 300;   // graphemes (app.bsky.feed.post)
constexpr int kLongest = 100'000;

const SourceConfig* source_of(Section& way, const Config& known, std::string& name) {
  way.need("source", "where the customers write");
  if (!way.read_name("source", name, NameKind::source)) return nullptr;
  for (const SourceConfig& it : known.sources) {
    if (it.name == name) return &it;
  }
  return nullptr;
}

void read_access(Section& way, const SourceConfig& source, const Config& known, ReplyWay& out) {
  if (out.type == "mastodon") {
    out.limit = kMastodonLimit;
    way.need("token_file",
             "a token with the scopes read:statuses, read:accounts and write:statuses");
    way.read_secret_file("token_file", out.token_file);
  } else if (out.type == "bluesky") {
    out.limit = kBlueskyLimit;
    out.identifier = source.identifier;
    out.password_file = source.password_file;
    way.read("identifier", out.identifier);
    way.read_secret_file("password_file", out.password_file);
  } else if (known.mail.url.empty() && !way.context().partial) {
    way.error(way.node().mark, "source", "mail cannot be sent: there is no `mail:` section",
              "write mail: {url: \"smtps://mail.example:465\", from: earshot@…}");
  }
}

void read_as(Section& way, ReplyWay& out) {
  way.need("as", "as whom it appears: an account, or a mail address");
  const Node* node = way.find("as");
  if (node == nullptr) return;
  Context& context = way.context();
  const auto as = out.type == "imap" ? mail_of(context, *node, way.path_of("as"))
                                     : handle_of(context, *node, way.path_of("as"));
  if (as) out.as = *as;
}

void read_way(Section& replies, const Node& item, const std::string& path, const Config& known,
              ReplyPolicy& out) {
  Section way{replies.context(), item, path};
  if (!way.ok()) return;
  ReplyWay it;
  const SourceConfig* source = source_of(way, known, it.source);
  if (source == nullptr) return way.known_all();
  it.type = source->type;
  if (it.type != "mastodon" && it.type != "bluesky" && it.type != "imap") {
    way.error(way.find("source")->mark, "source",
              fmt::format("nobody can be answered through a source of type {}", it.type),
              "sources of type mastodon, bluesky and imap can");
    return way.known_all();
  }
  if (std::ranges::any_of(out.ways, [&](const ReplyWay& w) { return w.source == it.source; }))
    way.error(way.find("source")->mark, "source", "has a way already", "remove one of the two");
  read_access(way, *source, known, it);
  read_as(way, it);
  way.read("limit", it.limit, 1, kLongest);
  it.url = source->url;
  it.ca_file = source->ca_file;
  it.network = joined(source->network, known.network);
  way.done();
  out.ways.push_back(std::move(it));
}

}  // namespace

void read_replies(Context& context, const Node& node, const Config& known, ReplyPolicy& out) {
  Section section{context, node, "replies"};
  if (!section.ok()) return;
  section.need("ways", "ways: [{source: mentions, as: \"@care@social.example\", token_file: …}]");
  section.each("ways", [&](const Node& item, const std::string& path) {
    read_way(section, item, path, known, out);
  });
  section.read_names("approvers", out.approvers, NameKind::person);
  section.done();
}

}  // namespace earshot::config
