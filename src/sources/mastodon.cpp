#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "earshot/core/ids.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/rare.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/http.hpp"
#include "earshot/runtime/secrets.hpp"
#include "earshot/sources/parse/social.hpp"
#include "foreign.hpp"
#include "make.hpp"
#include "mastodon_place.hpp"
#include "poll_parts.hpp"

/// Mastodon's client API: the notifications that mention an account, or hashtag timelines.
///
/// Every poll reads the newest page without a cursor. Where something on it is known already, the
/// page is all there is to read: what came late, was edited or taken back shows on it too (P3).
/// Where nothing on it is known, the stretch between is read forward with min_id, the oldest first,
/// until an empty page: unlike since_id this skips nothing. Where the page does not reach back ten
/// minutes, the last stretch is read again in this way every two minutes, for what came late
/// (MastodonPlace); backward while no id is known that is so old. A server answers a cursor it does
/// not understand with an empty page, so a stretch that stays unread is told as a gap.

namespace earshot {

namespace {
constexpr std::string_view kReset = "X-RateLimit-Reset";
constexpr std::size_t kMentions = 80;  ///< items a page; the API's most
constexpr std::size_t kTimeline = 40;
constexpr int kForwardPages = 10;           ///< a poll; the rest follows at once
constexpr std::size_t kBackwardPages = 25;  ///< on the first poll, and of young timelines
constexpr std::size_t kAsk = 10;            ///< statuses asked for by id in a poll
constexpr Duration kLate = minutes{15};     ///< nothing is filed so long after it was written

struct Found {
  std::vector<Post> posts;
  std::vector<BadItem> bad;
  std::vector<std::string> deleted;
  bool baseline = false;
  bool more = false;
  std::string gap;
};

/// The value of `name` in the address of the Link header with relation `rel`. The address itself is
/// never followed: it could lead the token elsewhere.
std::string link_parameter(std::string_view header, std::string_view rel, std::string_view name) {
  const std::string wanted = fmt::format("rel=\"{}\"", rel);
  for (std::size_t at = header.find('<'); at != std::string_view::npos;
       at = header.find('<', at + 1)) {
    const std::size_t close = header.find('>', at);
    if (close == std::string_view::npos) break;
    const std::string_view attributes =
        header.substr(close, std::min(header.find('<', close), header.size()) - close);
    if (attributes.find(wanted) == std::string_view::npos) continue;
    const std::string_view address = header.substr(at + 1, close - at - 1);
    std::size_t query = address.find('?');
    while (query != std::string_view::npos) {
      const std::string_view pair = address.substr(
          query + 1, std::min(address.find('&', query + 1), address.size()) - query - 1);
      if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
        return std::string{pair.substr(name.size() + 1)};
      query = address.find('&', query + 1);
    }
  }
  return {};
}

struct Page {
  MastodonPage content;
  std::string newer;  ///< min_id of the next younger page
  std::string older;  ///< max_id of the next older page
};

class MastodonSource final : public Source {
 public:
  MastodonSource(SourceConfig config, SourceTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {}

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
    wait_ = std::nullopt;
    goes_on_ = !state.empty() && hash64(state) == ended_at_;
    std::vector<Post> archive;
    JsonWriter out;
    out.object();
    for (const std::string& timeline : timelines()) {
      const JsonValue* known = find(document, timeline);
      MastodonPlace place = known != nullptr ? read_mastodon_place(*known) : MastodonPlace{};
      if (!batch.gap.empty())
        place.started = true;  // what the newest page shows is news then, not the archive
      Found found;
      const Result<void> done = co_await read_timeline(timeline, &place, &found);
      if (!done) co_return done.error();
      take(std::move(found), batch, archive);
      out.key(timeline);
      write_mastodon_place(out, place);
    }
    out.end();
    // A hashtag that was added later begins beside others that go on: its archive is known to its
    // place and needs no batch.
    batch.baseline = !archive.empty() && batch.posts.empty() && batch.deleted.empty();
    if (batch.baseline) batch.posts = std::move(archive);
    batch.next = out.take();
    ended_at_ = hash64(batch.next);
    batch.not_before = wait_;
    stamp(config_, batch.posts);
    co_return batch;
  }

  Result<void> reread_secrets() override {
    if (config_.token_file.empty()) return {};
    auto token = read_secret(config_.token_file, tools_.config_dir);
    if (!token) return token.error();
    token_ = std::move(*token);
    return {};
  }

  Task<> wait(Duration limit) override { co_await tools_.clock.sleep_for(limit); }
  Task<Result<Conversation>> conversation(std::string id) override {
    Conversation out;
    const std::string post = "/api/v1/statuses/" + encode_query(id);
    for (const std::string& path : {post, post + "/context"}) {
      HttpRequest request;
      request.url = join_url(config_.url, path);
      request.bearer = token_.reveal();
      request.ca_file = config_.ca_file;
      request.network = config_.network;
      auto answer = co_await tools_.http.send(std::move(request));
      if (!answer) co_return answer.error().in("mastodon");
      if (answer->status == 404 || answer->status == 410) {
        out.gone = path == post;
        co_return out;
      }
      if (answer->status != 200)
        co_return answer_error("mastodon", *answer, kReset, tools_.clock.now());
      auto page = co_await read_body(&answer->body);
      if (!page) co_return unreadable("mastodon", page.error());
      std::ranges::move(page->parsed.posts, std::back_inserter(out.posts));
    }
    stamp(config_, out.posts);
    co_return out;
  }
  Task<Result<Parsed>> reread(std::string raw) override {
    ReadOrder order{.kind = ReadKind::mastodon, .bytes = raw};
    Result<MastodonPage> page =
        co_await read_as<MastodonPage>(&tools_, config_.name, std::move(order), Guarded::no);
    if (!page) co_return page.error();
    stamp(config_, page->parsed.posts);
    co_return std::move(page->parsed);
  }

 private:
  /// Names of the timelines read: "mentions", or hashtags with their sign.
  std::vector<std::string> timelines() const {
    if (config_.timeline != "hashtag") return {"mentions"};
    std::vector<std::string> names;
    for (const std::string& tag : config_.hashtags) names.push_back("#" + tag);
    return names;
  }

  std::string address(const std::string& timeline, const std::string& cursor) const {
    if (timeline == "mentions") {
      return join_url(
          config_.url,
          fmt::format("/api/v1/notifications?types[]=mention&include_filtered=true&limit={}{}",
                      kMentions, cursor));
    }
    const std::size_t limit = !cursor.empty() && rare("mastodon.short_page") ? 5 : kTimeline;
    return join_url(config_.url, fmt::format("/api/v1/timelines/tag/{}?limit={}{}",
                                             encode_query(timeline.substr(1)), limit, cursor));
  }

  static std::size_t full_page(const std::string& timeline) {
    return timeline == "mentions" ? kMentions : kTimeline;
  }
  /// The newest page, and there is no other one. A later page may be short for any reason.
  static bool is_all(const std::string& timeline, const MastodonPage& top) {
    return top.items.size() < full_page(timeline);
  }
  /// All of it was written long before `at`; so was what will be filed below it.
  static bool is_old(const MastodonPage& page, Instant at) {
    const auto& posts = page.parsed.posts;
    return !posts.empty() && std::ranges::all_of(posts, [&](const Post& post) {
      return post.created_at && *post.created_at < at - kLate;
    });
  }

  Task<Result<MastodonPage>> read_body(const std::string* body) const {
    ReadOrder order{.kind = ReadKind::mastodon, .bytes = *body};
    co_return co_await read_as<MastodonPage>(&tools_, config_.name, std::move(order));
  }

  Task<Result<HttpResponse>> fetch(std::string timeline, std::string cursor) {
    HttpRequest request;
    request.url = address(timeline, cursor);
    request.bearer = token_.reveal();
    request.ca_file = config_.ca_file;
    request.network = config_.network;
    auto answer = co_await tools_.http.send(std::move(request));
    if (!answer) co_return answer.error().in("mastodon");
    if (answer->status != 200)
      co_return answer_error("mastodon", *answer, kReset, tools_.clock.now());
    if (answer->header("X-RateLimit-Remaining") == "0")
      wait_ = rate_limit_wait(*answer, kReset, tools_.clock.now());
    co_return std::move(*answer);
  }

  Task<Result<Page>> read_page(std::string timeline, std::string cursor) {
    const auto answer = co_await fetch(timeline, cursor);
    if (!answer) co_return answer.error();
    co_return co_await read_answer(&*answer);
  }

  Task<Result<Page>> read_answer(const HttpResponse* answer) const {
    auto content = co_await read_body(&answer->body);
    if (!content) co_return unreadable("mastodon", content.error());
    Page page;
    page.newer = link_parameter(answer->header("Link"), "prev", "min_id");
    page.older = link_parameter(answer->header("Link"), "next", "max_id");
    if (!content->items.empty()) {
      if (page.newer.empty()) page.newer = content->items.front().id;
      if (page.older.empty()) page.older = content->items.back().id;
    }
    page.content = std::move(*content);
    co_return page;
  }

  /// Moves what is new on a page into `found` and remembers it.
  static void keep(MastodonPage page, MastodonPlace& place, Found& found) {
    for (auto item = page.items.rbegin(); item != page.items.rend(); ++item) {  // the oldest first
      const std::string version = item->id + " " + item->edited;
      const bool known = place.versions.has(version);
      place.ids.add(item->id);
      place.versions.add(version);
      if (!known && item->post) found.posts.push_back(std::move(page.parsed.posts[*item->post]));
    }
    for (BadItem& bad : page.parsed.bad) {
      if (place.versions.has("bad " + bad.id + bad.raw)) continue;
      place.versions.add("bad " + bad.id + bad.raw);
      found.bad.push_back(std::move(bad));
    }
  }

  /// The oldest page last; the newest items are remembered longest.
  static void keep_all(std::vector<MastodonPage> pages, MastodonPlace& place, Found& found) {
    for (; !pages.empty(); pages.pop_back()) keep(std::move(pages.back()), place, found);
  }

  Task<Result<void>> read_timeline(std::string timeline, MastodonPlace* place, Found* found) {
    const std::string cursor;
    const auto answer = co_await fetch(timeline, cursor);
    if (!answer) co_return answer.error();
    MastodonTop& known = tops_[timeline];
    const std::uint64_t body = hash64(answer->body);
    if (goes_on_ && known.says_nothing_new(body, *place, tools_.clock.now())) {
      if (place->due(tools_.clock.now())) place->drop_anchor(tools_.clock.now());
      co_return Result<void>{};
    }
    known = {};
    auto top = co_await read_answer(&*answer);
    if (!top) co_return top.error();
    MastodonTop read_now{body, {}};
    for (const auto& item : top->content.items) read_now.ids.push_back(item.id);
    std::vector<std::string> statuses;
    for (const auto& item : top->content.items) {
      if (item.post) statuses.push_back(top->content.parsed.posts[*item.post].id);
    }
    if (!place->started) {
      const Result<void> first = co_await begin(timeline, std::move(*top), place, found);
      if (!first) co_return first.error();
    } else {
      const Result<void> read = co_await go_on(timeline, std::move(*top), statuses, place, found);
      if (!read) co_return read.error();
    }
    place->started = true;
    if (found->more) co_return Result<void>{};
    tops_[timeline] = std::move(read_now);
    place->top = std::move(statuses);
    if (place->due(tools_.clock.now())) place->drop_anchor(tools_.clock.now());
    co_return Result<void>{};
  }

  /// A later poll: the newest page, and what lies between it and the place where reading ended.
  Task<Result<void>> go_on(std::string timeline, Page top, std::vector<std::string> statuses,
                           MastodonPlace* place, Found* found) {
    if (planted<5>)
      std::erase_if(top.content.items, [&](const auto& it) { return it.id <= place->newest; });
    const auto& items = top.content.items;
    const auto shows = [&](const auto& known) {
      return std::any_of(items.begin(), items.end(), known);
    };
    const bool joined =
        items.empty() || shows([&](const auto& item) { return place->ids.has(item.id); });
    if (joined && place->forward.empty()) {
      const Result<void> asked = co_await ask_for_missing(vanished(place->top, statuses), found);
      if (!asked) co_return asked.error();
    }
    const std::string overlap = place->overlap();
    const bool from_beginning = !place->anchors.empty() && overlap.empty();
    if (from_beginning && place->forward.empty()) {
      const Instant begun = from_unix_ms(place->anchors.front().at);
      const bool wanted = place->due(tools_.clock.now()) || place->newest.empty();
      if (wanted && !is_all(timeline, top.content) && !is_old(top.content, begun))
        co_return co_await read_below(timeline, begun, std::move(top), place, found);
    }
    const bool reaches_back = items.empty() || overlap.empty() ||
                              shows([&](const auto& item) { return item.id == overlap; });
    std::string from = place->forward;
    if (from.empty() && !reaches_back && place->due(tools_.clock.now())) from = overlap;
    if (from.empty() && !joined) from = place->newest;
    if (joined && from.empty()) {
      if (!items.empty()) place->newest = top.newer;
      keep(std::move(top.content), *place, *found);
      co_return Result<void>{};
    }
    co_return co_await read_forward(timeline, std::move(from), std::move(top), place, found);
  }

  /// The first poll: the newest page is the baseline, with those below it where something may still
  /// be filed, as far as that can be remembered; or reading goes back as far as `start` wants.
  Task<Result<void>> begin(std::string timeline, Page page, MastodonPlace* place, Found* found) {
    const Instant now = tools_.clock.now();
    place->newest = page.newer;
    found->baseline = config_.start.kind == StartPolicy::Kind::now;
    const std::size_t most =
        found->baseline ? MastodonPlace::kRemember / full_page(timeline) : kBackwardPages;
    std::vector<MastodonPage> pages;
    std::string oldest;
    for (;;) {
      const std::string older = page.older;
      const auto& posts = page.content.parsed.posts;
      const bool past = is_old(page.content, now) &&
                        (found->baseline || too_old(posts.back(), config_.start, now));
      const bool all = older.empty() || page.content.items.empty() ||
                       (found->baseline && pages.empty() && is_all(timeline, page.content));
      oldest = all ? "" : page.content.items.back().id;
      pages.push_back(std::move(page.content));
      if (past || all) break;
      if (pages.size() == most) {
        if (!found->baseline)
          found->gap = fmt::format("the archive goes further back than the {} pages that were read",
                                   kBackwardPages);
        break;
      }
      const std::string cursor = "&max_id=" + older;
      auto next = co_await read_page(timeline, cursor);
      if (!next) co_return next.error();
      page = std::move(*next);
    }
    keep_all(std::move(pages), *place, *found);
    place->anchors = {{oldest, to_unix_ms(now)}};
    std::erase_if(found->posts,
                  [&](const Post& post) { return too_old(post, config_.start, now); });
    co_return Result<void>{};
  }

  /// In the first minutes no id is known below which nothing is filed any more: the pages below the
  /// newest one are read as far as something may be.
  Task<Result<void>> read_below(std::string timeline, Instant begun, Page top, MastodonPlace* place,
                                Found* found) {
    std::vector<MastodonPage> pages;
    const std::string newest = top.newer;
    for (Page page = std::move(top);;) {
      const std::string older = page.older;
      const bool deep = older.empty() || page.content.items.empty() || is_old(page.content, begun);
      pages.push_back(std::move(page.content));
      if (deep) break;
      if (pages.size() == kBackwardPages) {
        if (place->newest.empty())
          found->gap = fmt::format(
              "more was written since the last poll than the {} pages that "
              "were read",
              kBackwardPages);
        break;
      }
      const std::string cursor = "&max_id=" + older;
      auto next = co_await read_page(timeline, cursor);
      if (!next) co_return next.error();
      page = std::move(*next);
    }
    keep_all(std::move(pages), *place, *found);
    place->newest = newest;
    co_return Result<void>{};
  }

  /// What follows the id `from` is read, until the newest page is reached.
  Task<Result<void>> read_forward(std::string timeline, std::string from, Page top,
                                  MastodonPlace* place, Found* found) {
    const std::size_t limit = full_page(timeline);
    bool moved = false;
    std::string cursor = std::move(from);
    for (int pages = 0; !cursor.empty(); ++pages) {
      if (pages == kForwardPages || (pages > 0 && rare("mastodon.stops_between_pages"))) {
        place->forward = cursor;
        found->more = true;
        co_return Result<void>{};
      }
      const std::string parameter = "&min_id=" + cursor;
      auto page = co_await read_page(timeline, parameter);
      if (!page) co_return page.error();
      if (page->content.items.empty() || page->newer == cursor) break;
      if (planted<30> && moved) break;
      moved = true;
      cursor = page->newer;
      keep(std::move(page->content), *place, *found);
    }
    const bool joined = std::any_of(top.content.items.begin(), top.content.items.end(),
                                    [&](const auto& item) { return place->ids.has(item.id); });
    if (!joined && (!place->ids.empty() || top.content.items.size() >= limit)) {
      found->gap = moved
                       ? "what lies between the last page read and the newest one could not be read"
                       : "the server knows nothing behind the remembered place, yet its newest "
                         "page is unknown; posts between may be missing";
    }
    place->forward.clear();
    if (!top.content.items.empty()) place->newest = top.newer;
    keep(std::move(top.content), *place, *found);
    co_return Result<void>{};
  }

  /// Statuses that stood on the newest page last time and do not now: asked for by id, 404 means
  /// taken back.
  Task<Result<void>> ask_for_missing(std::vector<std::string> missing, Found* found) {
    if (missing.size() > kAsk) missing.resize(kAsk);
    for (const std::string& id : missing) {
      HttpRequest request;
      request.url = join_url(config_.url, "/api/v1/statuses/" + encode_query(id));
      request.bearer = token_.reveal();
      request.ca_file = config_.ca_file;
      request.network = config_.network;
      auto answer = co_await tools_.http.send(std::move(request));
      if (!answer) co_return answer.error().in("mastodon");
      if (answer->status == 404 || answer->status == 410)
        found->deleted.push_back(id);
      else if (answer->status != 200)
        co_return answer_error("mastodon", *answer, kReset, tools_.clock.now());
    }
    co_return Result<void>{};
  }

  static void take(Found found, Batch& batch, std::vector<Post>& archive) {
    std::vector<Post>& posts = found.baseline ? archive : batch.posts;
    std::move(found.posts.begin(), found.posts.end(), std::back_inserter(posts));
    std::move(found.bad.begin(), found.bad.end(), std::back_inserter(batch.bad));
    std::move(found.deleted.begin(), found.deleted.end(), std::back_inserter(batch.deleted));
    batch.more = batch.more || found.more;
    if (batch.gap.empty()) batch.gap = std::move(found.gap);
  }

  SourceConfig config_;
  SourceTools tools_;
  Secret token_;
  std::optional<Duration> wait_;  // of the poll that runs
  bool goes_on_ = false;          // it begins at the place where the last one ended …
  std::uint64_t ended_at_ = 0;    // … of which this is the hash
  std::map<std::string, MastodonTop> tops_;
};
}  // namespace

std::unique_ptr<Source> make_mastodon(const SourceConfig& config, const SourceTools& tools) {
  return std::make_unique<MastodonSource>(config, tools);
}

}  // namespace earshot
