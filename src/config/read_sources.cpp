#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "address.hpp"
#include "earshot/core/post.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

/// Which keys a type of source takes besides name, type, start, match, channel and language.
struct SourceType {
  std::string_view word;
  std::string_view keys;  ///< blank-separated
  Duration every;
  Duration min_every;
};
constexpr std::array kSourceTypes{
    SourceType{"feed",
               "url user password_file token_file every min_every overlap network allow "
               "insecure_http ca_file",
               minutes{5}, minutes{5}},
    SourceType{"mastodon",
               "url timeline hashtag hashtags token_file every min_every overlap network allow "
               "insecure_http ca_file",
               minutes{1}, seconds{5}},
    SourceType{
        "imap",
        "url user password_file token_file idle own_lists every min_every overlap network allow "
        "insecure_http ca_file",
        minutes{1}, seconds{5}},
    SourceType{"bluesky",
               "url identifier password_file query notifications every min_every overlap network "
               "allow insecure_http ca_file",
               minutes{1}, seconds{5}},
    SourceType{"replay", "path speed follow every", seconds{1}, Duration{0}},
    SourceType{"push", "token_file", minutes{1}, Duration{0}},
};
/// Of the design, for later releases.
constexpr std::array<std::string_view, 8> kPlanned{"x",       "reddit",  "nats",       "pop3",
                                                   "threads", "youtube", "hackernews", "webhook"};
constexpr std::array<std::string_view, 4> kMatches{"company", "products", "principals", "rivals"};

bool takes(const SourceType& type, std::string_view key) {
  const std::string padded = fmt::format(" {} ", type.keys);
  return padded.find(fmt::format(" {} ", key)) != std::string::npos;
}

const SourceType* read_type(Section& section, SourceConfig& source) {
  section.need("type", fmt::format("one of {}", any_of(source_types())));
  if (!section.read("type", source.type)) return nullptr;
  for (const SourceType& type : kSourceTypes) {
    if (type.word == source.type) return &type;
  }
  const Mark mark = section.find("type")->mark;
  if (is_planned_source(source.type)) {
    section.context().planned(
        mark, section.path_of("type"),
        fmt::format("sources of type {} are not in this release", in_quotes(source.type)),
        fmt::format("this release reads {}", any_of(source_types())));
    return nullptr;
  }
  std::string hint = did_you_mean(source.type, source_types());
  section.error(mark, "type", fmt::format("no source has the type {}", in_quotes(source.type)),
                hint.empty() ? fmt::format("write {}", any_of(source_types())) : std::move(hint));
  return nullptr;
}

void read_start(Section& section, StartPolicy& out) {
  const Node* node = section.find("start");
  if (node == nullptr) return;
  const auto text =
      text_of(section.context(), *node, section.path_of("start"), "now, all or a duration");
  if (!text) return;
  if (*text == "now" || *text == "all") {
    out.kind = *text == "now" ? StartPolicy::Kind::now : StartPolicy::Kind::all;
    return;
  }
  const auto back = parse_duration(*text);
  if (!back || *back <= Duration{0}) {
    section.error(node->mark, "start", fmt::format("{} is no place to start", in_quotes(*text)),
                  "write now, all, or how far to go back: 7d");
    return;
  }
  out = {StartPolicy::Kind::back, *back};
}

void read_match(Section& section, std::vector<std::string>& out) {
  const Node* node = section.find("match");
  if (node == nullptr) return;
  Section match{section.context(), *node, section.path_of("match")};
  if (!match.ok()) return;
  match.need("any", "match: {any: [company, products, principals, rivals]}");
  match.each("any", [&](const Node& item, const std::string& path) {
    const auto text = text_of(section.context(), item, path);
    if (!text) return;
    if (std::find(kMatches.begin(), kMatches.end(), *text) != kMatches.end()) {
      out.push_back(*text);
      return;
    }
    const std::vector<std::string> words{kMatches.begin(), kMatches.end()};
    std::string hint = did_you_mean(*text, words);
    section.context().error(
        item.mark, path, fmt::format("{} cannot be matched", in_quotes(*text)),
        hint.empty() ? fmt::format("write {}", any_of(words)) : std::move(hint));
  });
  match.done();
}

void read_pace(Section& section, const SourceType& type, SourceConfig& out) {
  out.every = type.every;
  out.min_every = type.min_every;
  const auto day = hours{24};
  if (takes(type, "every")) section.read("every", out.every, {milliseconds{100}, day * 7});
  if (!takes(type, "min_every")) return;
  const bool own_floor = section.read("min_every", out.min_every, {Duration{0}, day * 7});
  section.read("overlap", out.overlap, {Duration{0}, day * 30});
  const auto url = split_url(out.url);
  if (section.has("every") && !own_floor && out.every < out.min_every && url &&
      !is_loopback(url->host)) {
    section.warning(
        section.find("every")->mark, "every",
        fmt::format("a public host is not asked more often than every {}", to_text(out.min_every)),
        fmt::format("write `every: {}`, or lower `min_every` where the host agrees",
                    to_text(out.min_every)));
  }
}

void read_hashtags(Section& section, SourceConfig& out) {
  const auto add = [&](const Node& item, const std::string& path) {
    auto tag = text_of(section.context(), item, path, "a hashtag");
    if (!tag) return;
    if (tag->starts_with('#')) tag->erase(0, 1);
    if (tag->empty() || tag->find_first_of(" #/?&") != std::string::npos) {
      section.context().error(item.mark, path,
                              fmt::format("{} is not a hashtag", in_quotes(item.text)),
                              "one word, with or without \"#\" (then in quotes)");
      return;
    }
    out.hashtags.push_back(std::move(*tag));
  };
  if (const Node* one = section.find("hashtag")) add(*one, section.path_of("hashtag"));
  section.each("hashtags", add);
}

void read_mastodon(Section& section, SourceConfig& out) {
  section.need("url", "the server's address, like https://social.example");
  static const std::vector<std::string> kTimelines{"mentions", "hashtag"};
  const bool named = section.read_word("timeline", out.timeline, kTimelines);
  read_hashtags(section, out);
  const bool tags = section.has("hashtag") || section.has("hashtags");
  if (!named && !section.has("timeline") && tags) out.timeline = "hashtag";
  if (out.timeline == "hashtag" && !tags)
    section.need("hashtags", "the timeline \"hashtag\" needs one, like hashtags: [brightwave]");
  if (out.timeline == "mentions" && tags && named) {
    section.error(section.find(section.has("hashtags") ? "hashtags" : "hashtag")->mark, "hashtags",
                  "the timeline \"mentions\" has no hashtags",
                  "write `timeline: hashtag`, or make a second source");
  }
  if (out.timeline == "mentions")
    section.need("token_file", "mentions are read with an access token (scope read:notifications)");
}

void read_keys(Section& section, const SourceType& type, const NetworkPolicy& network,
               SourceConfig& out) {
  if (takes(type, "network")) section.read_network(out.network);
  const NetworkPolicy reach = joined(network, out.network);
  if (type.word == "feed" || type.word == "mastodon" || type.word == "bluesky")
    read_url(section, "url", out.url, {"https", "http"}, reach);
  if (type.word == "imap") read_url(section, "url", out.url, {"imaps", "imap"}, reach);
  if (takes(type, "user")) section.read("user", out.user);
  if (takes(type, "password_file")) section.read_secret_file("password_file", out.password_file);
  if (takes(type, "token_file")) section.read_secret_file("token_file", out.token_file);
  if (takes(type, "ca_file")) section.read_file("ca_file", out.ca_file);
  if (type.word == "feed") section.need("url", "the feed's address");
  if (type.word == "feed" && section.has("user") != section.has("password_file") &&
      !section.has("password")) {
    section.need(section.has("user") ? "password_file" : "user",
                 "a user and a password belong together");
  }
  if (type.word == "mastodon") read_mastodon(section, out);
  if (type.word == "imap") {
    section.need("url", "the server and the folder, like imaps://mail.example/INBOX");
    section.need("user");
    if (!section.has("token_file") && !section.has("password"))
      section.need("password_file", "or token_file for OAuth");
    section.read("idle", out.idle);
    section.read("own_lists", out.own_lists);
  }
  if (type.word == "bluesky") {
    section.need("identifier", "the handle to sign in as");
    if (!section.has("password")) section.need("password_file", "an app password");
    if (const Node* node = section.find("identifier")) {
      if (auto handle = handle_of(section.context(), *node, section.path_of("identifier")))
        out.identifier = std::move(*handle);
    }
    if (out.url.empty()) out.url = "https://bsky.social";
    section.read("query", out.query);
    section.read("notifications", out.notifications);
    if (!out.notifications && out.query.empty() && !section.has("query"))
      section.need("query", "without notifications there is nothing to read");
  }
  if (type.word == "replay") {
    section.need("path", "a file of posts, one JSON object a line");
    section.read_file("path", out.path);
    section.read("follow", out.follow);
    if (const Node* node = section.find("speed")) {
      const auto speed = decimal_of(section.context(), *node, section.path_of("speed"));
      if (speed && (*speed < 0 || *speed > 1e6)) {
        section.error(node->mark, "speed", "is out of range",
                      "0 = at once, 1 = at the posts' own pace, 60 = a minute a second");
      } else if (speed) {
        out.speed = *speed;
      }
    }
  }
}

/// Why a key that another type has does not belong to this one.
std::string elsewhere(const SourceType& type, const std::string& key) {
  std::vector<std::string> others;
  for (const SourceType& other : kSourceTypes) {
    if (takes(other, key)) others.emplace_back(other.word);
  }
  if (others.empty()) return {};
  return fmt::format("{} takes it, {} does not", any_of(others), type.word);
}

}  // namespace

const std::vector<std::string>& source_types() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    all.reserve(std::size(kSourceTypes));
    for (const SourceType& type : kSourceTypes) all.emplace_back(type.word);
    return all;
  }();
  return words;
}

bool is_planned_source(std::string_view type) {
  return std::find(kPlanned.begin(), kPlanned.end(), type) != kPlanned.end();
}

void read_sources(Context& context, const Node& node, const NetworkPolicy& network,
                  std::vector<SourceConfig>& out) {
  const auto* items = items_of(context, node, "sources");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("sources", i)};
    if (!section.ok()) continue;
    SourceConfig source;
    section.need("name", "it appears in logs, labels and the ledger");
    section.read("name", source.name);
    const SourceType* type = read_type(section, source);
    if (type == nullptr) {
      section.known_all();  // nobody knows which keys it takes
      section.done();
      continue;
    }
    read_start(section, source.start);
    read_match(section, source.match);
    section.read_word("channel", source.channel, words_of<Channel>());
    if (const Node* language = section.find("language"))
      source.language = language_of(context, *language, section.path_of("language")).value_or("");
    read_keys(section, *type, network, source);
    read_pace(section, *type, source);
    section.done([type](const std::string& key) { return elsewhere(*type, key); });
    out.push_back(std::move(source));
  }
}

}  // namespace earshot::config
