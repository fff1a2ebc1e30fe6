#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "bluesky_query.hpp"
#include "bluesky_session.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/sources/parse/social.hpp"
#include "foreign.hpp"
#include "make.hpp"
#include "poll_parts.hpp"

/// AT Protocol: the notifications of an account and a search.
///
/// Both lists are read from the top until a whole page is known, by (uri, cid). A time is no
/// watermark: authors choose createdAt, so a post may stand at the very end or, dated ahead, for
/// ever at the top. The search is read to its end once an `overlap`. Cursors live within one poll:
/// the server answers one it does not like with 502, and that must not stop the source for ever.

namespace earshot {

namespace {
constexpr int kPage = 100;
constexpr int kPages = 20;  ///< of notifications in a poll
constexpr int kSearchPages = 10;
constexpr std::size_t kRemember = 3000;
constexpr std::size_t kTop = 100;  ///< posts watched for being taken back
constexpr std::size_t kAsk = 25;   ///< uris or actors in one question
constexpr int kPatience = 2;       ///< polls that fail before a broken cursor is given up
constexpr std::size_t kProfiles = 5000;
constexpr Duration kProfileLife = hours{24};

/// What is remembered of one list.
struct BlueskyPlace {
  bool started = false;
  SeenKeys keys{kRemember};
  std::vector<std::string> top;
  Instant swept{};
};

BlueskyPlace read_place(const JsonValue& state) {
  BlueskyPlace place;
  place.started = flag_at(state, "started");
  place.keys.read(state, "keys");
  place.top = strings_at(state, "top");
  place.swept = from_unix_ms(integer_at(state, "swept").value_or(0));
  return place;
}

void write_place(JsonWriter& out, std::string_view name, const BlueskyPlace& place) {
  out.key(name);
  out.object();
  out.field("started", place.started);
  place.keys.write(out, "keys");
  out.field("top", place.top);
  out.field("swept", to_unix_ms(place.swept));
  out.end();
}

/// One list of the server and how it is read.
struct Listing {
  std::string_view name;
  std::string question;  ///< path and query, without cursor
  int pages = kPages;
  bool to_the_end = false;
};

class BlueskySource final : public Source {
 public:
  BlueskySource(SourceConfig config, const SourceTools& tools)
      : config_(std::move(config)),
        tools_(tools),
        session_(config_, tools),
        query_(config_.query) {}

  Task<Result<Batch>> poll(std::string state) override {
    Batch batch;
    batch.source = config_.name;
    JsonDocument document;
    if (!state.empty()) {
      auto parsed = parse_json(state);
      if (parsed)
        document = std::move(*parsed);
      else
        batch.gap = "the remembered place could not be read, so reading begins anew";
    }
    session_.read(document);
    std::vector<Post> archive;
    JsonWriter out;
    out.object();
    for (const Listing& listing : listings()) {
      const JsonValue* known = find(document, listing.name);
      BlueskyPlace place = known != nullptr ? read_place(*known) : BlueskyPlace{};
      if (known == nullptr && !batch.gap.empty()) place.started = true;
      const Result<void> done = co_await read_list(listing, &place, &batch, &archive);
      if (!done) co_return done.error();
      write_place(out, listing.name, place);
    }
    const std::string lost = co_await fill_followers(&batch.posts);
    if (!lost.empty()) batch.warnings.push_back(lost);
    session_.write(out);
    out.end();
    batch.baseline = !archive.empty() && batch.posts.empty() && batch.deleted.empty();
    if (batch.baseline) batch.posts = std::move(archive);
    batch.next = out.take();
    stamp(config_, batch.posts);
    co_return batch;
  }

  Result<void> reread_secrets() override { return session_.reread_secrets(); }
  Task<> wait(Duration limit) override { co_await tools_.clock.sleep_for(limit); }
  Task<Result<Conversation>> conversation(std::string uri) override {
    Conversation out;
    const std::string encoded = encode_query(uri);
    std::string question = "app.bsky.feed.getPosts?uris=" + encoded;
    auto body = co_await session_.get(std::move(question));
    if (!body) co_return body.error();
    auto root = co_await read_body(&*body);
    if (!root) co_return unreadable("bluesky", root.error());
    out.gone = root->items.empty();
    if (out.gone) co_return out;
    question = "app.bsky.feed.getPostThread?depth=6&parentHeight=0&uri=" + encoded;
    body = co_await session_.get(std::move(question));
    if (!body) co_return body.error();
    auto thread = co_await read_body(&*body);
    if (!thread) co_return unreadable("bluesky", thread.error());
    out.posts = std::move(thread->parsed.posts);
    stamp(config_, out.posts);
    co_return out;
  }
  Task<Result<Parsed>> reread(std::string raw) override {
    const std::string document = R"({"notifications":[)" + raw + "]}";
    ReadOrder order{.kind = ReadKind::bluesky, .bytes = document};
    Result<BlueskyPage> page =
        co_await read_as<BlueskyPage>(&tools_, config_.name, std::move(order), Guarded::no);
    if (!page) co_return page.error();
    stamp(config_, page->parsed.posts);
    co_return std::move(page->parsed);
  }

 private:
  std::vector<Listing> listings() const {
    std::vector<Listing> all;
    if (config_.notifications) {
      all.push_back({"notifications",
                     fmt::format("app.bsky.notification.listNotifications?limit={}&reasons=mention&"
                                 "reasons=reply&reasons=quote",
                                 kPage),
                     kPages, false});
    }
    if (!config_.query.empty()) {
      all.push_back({"search",
                     fmt::format("app.bsky.feed.searchPosts?q={}&sort=latest&limit={}",
                                 encode_query(config_.query), kPage),
                     kSearchPages, true});
    }
    return all;
  }

  /// Moves what is new into `fresh`. True where everything on the page was known.
  bool keep(BlueskyPage page, const Listing& listing, BlueskyPlace& place, std::vector<Post>& fresh,
            Batch& batch) {
    bool all_known = true;
    std::unordered_map<std::string, std::string> versions;  // uri -> key
    for (const BlueskyPage::Item& item : page.items) {
      std::string key = item.uri + " " + item.cid;
      if (!place.keys.has(key)) {
        all_known = false;
        versions[item.uri] = key;
      }
      place.keys.add(key);
    }
    for (Post& post : page.parsed.posts) {
      if (versions.erase(post.id) == 0) continue;
      if (listing.name == "search" && !query_.admits(post)) continue;
      fresh.push_back(std::move(post));
    }
    for (BadItem& bad : page.parsed.bad) {
      const std::string key = "bad " + bad.raw;
      if (place.keys.has(key)) continue;
      place.keys.add(key);
      batch.bad.push_back(std::move(bad));
    }
    return all_known;
  }

  Task<Result<BlueskyPage>> read_body(const std::string* body) const {
    ReadOrder order{.kind = ReadKind::bluesky, .bytes = *body};
    co_return co_await read_as<BlueskyPage>(&tools_, config_.name, std::move(order));
  }
  Task<Result<Followers>> read_profiles(const std::string* body) const {
    ReadOrder order{.kind = ReadKind::bluesky_profiles, .bytes = *body};
    co_return co_await read_as<Followers>(&tools_, config_.name, std::move(order));
  }

  Task<Result<void>> read_list(Listing listing, BlueskyPlace* place, Batch* batch,
                               std::vector<Post>* archive) {
    const Instant now = tools_.clock.now();
    const bool baseline = !place->started && config_.start.kind == StartPolicy::Kind::now;
    const bool sweep = listing.to_the_end && now - place->swept >= config_.overlap;
    std::vector<Post> fresh;
    std::vector<std::string> top;
    std::string cursor;
    for (int pages = 1;; ++pages) {
      std::string question = listing.question;
      if (!cursor.empty()) question += "&cursor=" + encode_query(cursor);
      auto body = co_await session_.get(std::move(question));
      if (!body) {
        const Error& error = body.error();
        const bool broken = !cursor.empty() && error.status >= 500;
        if (!broken || ++broken_cursors_ <= kPatience) co_return error;
        batch->gap = fmt::format("the server refuses to show what lies below page {} of its {}",
                                 pages - 1, listing.name);
        break;
      }
      auto page = co_await read_body(&*body);
      if (!page) co_return unreadable("bluesky", page.error());
      for (const Post& post : page->parsed.posts) {
        if (top.size() < kTop) top.push_back(post.id);
      }
      const bool empty = page->items.empty();
      const std::string next = page->cursor;
      const bool known = keep(std::move(*page), listing, *place, fresh, *batch);
      const bool last = empty || next.empty() || next == cursor;
      if (last) broken_cursors_ = 0;
      if (last || (known && !sweep)) break;
      if (baseline && !sweep) break;
      if (pages >= listing.pages) {
        if (!listing.to_the_end && !baseline)
          batch->gap =
              fmt::format("more than {} new notifications; the oldest of them could not be read",
                          kPages * kPage);
        break;
      }
      cursor = next;
    }
    if (sweep) place->swept = now;
    const Result<void> asked = co_await ask_for_missing(vanished_of(*place, top), batch);
    if (!asked) co_return asked.error();
    place->top = std::move(top);
    place->started = true;
    std::reverse(fresh.begin(), fresh.end());
    if (!baseline)
      std::erase_if(fresh, [&](const Post& post) {
        return batch_has(*batch, post) || too_old(post, config_.start, now);
      });
    std::vector<Post>& into = baseline ? *archive : batch->posts;
    std::move(fresh.begin(), fresh.end(), std::back_inserter(into));
    co_return Result<void>{};
  }

  static std::vector<std::string> vanished_of(const BlueskyPlace& place,
                                              const std::vector<std::string>& top) {
    std::vector<std::string> missing = vanished(place.top, top);
    if (missing.size() > kAsk) missing.resize(kAsk);
    return missing;
  }

  /// A post may be a notification and a search result at once.
  static bool batch_has(const Batch& batch, const Post& post) {
    return std::any_of(batch.posts.begin(), batch.posts.end(),
                       [&](const Post& other) { return other.id == post.id; });
  }

  /// What stood at the top last time and does not now: the server leaves out what was taken back.
  Task<Result<void>> ask_for_missing(std::vector<std::string> missing, Batch* batch) {
    if (missing.empty()) co_return Result<void>{};
    std::string question = "app.bsky.feed.getPosts";
    for (const std::string& uri : missing)
      question += (&uri == &missing.front() ? "?uris=" : "&uris=") + encode_query(uri);
    auto body = co_await session_.get(std::move(question));
    if (!body) co_return body.error();
    auto page = co_await read_body(&*body);
    if (!page) co_return unreadable("bluesky", page.error());
    for (const std::string& uri : missing) {
      const auto& items = page->items;
      const bool there =
          std::any_of(items.begin(), items.end(),
                      [&](const BlueskyPage::Item& item) { return item.uri == uri; });
      const bool told =
          std::find(batch->deleted.begin(), batch->deleted.end(), uri) != batch->deleted.end();
      if (!there && !told) batch->deleted.push_back(uri);
    }
    co_return Result<void>{};
  }

  /// Neither list says how many follow an author. Returns what went wrong: it is no reason to hold
  /// the posts back.
  Task<std::string> fill_followers(std::vector<Post>* posts) {
    const Instant now = tools_.clock.now();
    if (profiles_.size() > kProfiles) profiles_.clear();
    std::vector<std::string> unknown;
    for (const Post& post : *posts) {
      const auto it = profiles_.find(post.author.id);
      const bool fresh = it != profiles_.end() && it->second.at > now - kProfileLife;
      if (!fresh && std::find(unknown.begin(), unknown.end(), post.author.id) == unknown.end())
        unknown.push_back(post.author.id);
    }
    std::string problem;
    for (std::size_t i = 0; i < unknown.size() && problem.empty(); i += kAsk) {
      std::string question = "app.bsky.actor.getProfiles";
      for (std::size_t k = i; k < std::min(i + kAsk, unknown.size()); ++k) {
        question += (k == i ? "?actors=" : "&actors=") + encode_query(unknown[k]);
        profiles_[unknown[k]] = {
            std::nullopt,
            now};  // a deactivated account is absent from the answer: not asked again today
      }
      auto body = co_await session_.get(std::move(question));
      Result<Followers> found = body ? Result<Followers>{Followers{}} : body.error();
      if (body) found = co_await read_profiles(&*body);
      if (!found) {
        problem = "follower counts are missing: " + found.error().message;
        for (std::size_t k = i; k < std::min(i + kAsk, unknown.size()); ++k)
          profiles_.erase(unknown[k]);
        break;
      }
      for (const auto& [did, followers] : *found) profiles_[did] = {followers, now};
    }
    for (Post& post : *posts) {
      const auto it = profiles_.find(post.author.id);
      if (it != profiles_.end() && it->second.followers)
        post.author.followers = it->second.followers;
    }
    co_return problem;
  }

  struct Profile {
    std::optional<std::uint64_t> followers;
    Instant at;
  };

  SourceConfig config_;
  SourceTools tools_;
  BlueskySession session_;
  BlueskyQuery query_;
  std::unordered_map<std::string, Profile> profiles_;  // a cache: a restart asks again
  int broken_cursors_ = 0;
};
}  // namespace

std::unique_ptr<Source> make_bluesky(const SourceConfig& config, const SourceTools& tools) {
  return std::make_unique<BlueskySource>(config, tools);
}

}  // namespace earshot
