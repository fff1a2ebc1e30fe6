/// RSS, Atom and JSON Feed over HTTP: conditional requests, redirects, and what is new by the items
/// themselves, never by dates.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/http.hpp"
#include "earshot/runtime/secrets.hpp"
#include "earshot/text/html.hpp"
#include "feed_state.hpp"
#include "foreign.hpp"
#include "make.hpp"
#include "parse/feed.hpp"

namespace earshot {
namespace {

constexpr int kRedirects = 3;
constexpr int kMovesForGood = 3;  ///< the same permanent redirect this often in a row is believed
constexpr int kPages = 10;
constexpr Duration kPolite =
    minutes{5};  ///< below it, `min_every` says that the host is the operator's own
constexpr Duration kLongestWish = hours{24};

/// "https://host:port", lower case; credentials never leave it.
std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return to_lower_ascii(url.substr(0, url.find_first_of("/?#", scheme + 3)));
}

std::string without_fragment(std::string url) {
  if (const std::size_t hash = url.find('#'); hash != std::string::npos) url.erase(hash);
  return url;
}

bool is_web(std::string_view url) {
  const std::string begin = to_lower_ascii(url.substr(0, 8));
  return begin.starts_with("http://") || begin.starts_with("https://");
}

/// Cache-Control: max-age (RFC 9111 5.2.2.1).
std::optional<Duration> max_age(const HttpResponse& answer) {
  const std::string value = to_lower_ascii(answer.header("Cache-Control"));
  for (std::size_t at = value.find("max-age="); at != std::string::npos;
       at = value.find("max-age=", at + 1)) {
    if (at > 0 && value[at - 1] != ' ' && value[at - 1] != ',')
      continue;  // s-maxage has no such ending, x-max-age might
    std::int64_t span = 0;
    const char* begin = value.data() + at + 8;
    const auto [end, error] = std::from_chars(begin, value.data() + value.size(), span);
    if (error == std::errc{} && end != begin && span > 0)
      return seconds{std::min<std::int64_t>(span, 86'400)};
  }
  return std::nullopt;
}

bool skipped(const FeedRhythm& rhythm, Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const auto hour = std::chrono::floor<std::chrono::hours>(at - day).count();
  const unsigned weekday = std::chrono::weekday{day}.c_encoding();
  return (rhythm.skip_hours >> static_cast<unsigned>(hour) & 1U) != 0 ||
         (rhythm.skip_days >> weekday & 1U) != 0;
}

/// How long the publisher asks to be left alone.
Duration wish_of(const FeedRhythm& rhythm, const HttpResponse& answer, Instant now) {
  Duration wish = std::max({rhythm.ttl.value_or(Duration{}), rhythm.update.value_or(Duration{}),
                            max_age(answer).value_or(Duration{})});
  wish = std::min(wish, kLongestWish);
  for (int i = 0; i < 48 && skipped(rhythm, now + wish); ++i) {
    const Instant next_hour = std::chrono::floor<std::chrono::hours>(now + wish) + hours{1};
    wish = next_hour - now;
  }
  return wish;
}

struct Fetched {
  HttpResponse answer;
  std::string url;         ///< the one that answered
  bool permanent = false;  ///< every hop on the way was permanent, and there was one
};

class FeedSource final : public Source {
 public:
  FeedSource(SourceConfig config, SourceTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {}

  Task<Result<Batch>> poll(std::string text) override;
  Result<void> reread_secrets() override;
  Task<> wait(Duration limit) override { co_await tools_.clock.sleep_for(limit); }
  Task<Result<Parsed>> reread(std::string raw) override;

 private:
  Task<Result<Fetched>> fetch(std::string url, FeedState state);
  HttpRequest request_for(const std::string& url, const FeedState& state) const;
  Task<Result<ParsedFeed>> read_document(const Fetched* fetched) const;
  Task<Result<void>> read_older(std::string next, SeenSet* seen, Batch* batch);
  void note_move(FeedState& state, const Fetched& fetched) const;
  bool wanted_at_first(const Post& post, Instant now) const;
  void add(Batch& batch, Post post) const;
  Duration pause_for(const FeedRhythm& rhythm, const HttpResponse& answer) const;

  SourceConfig config_;
  SourceTools tools_;
  Secret password_;
  Secret token_;
};

Result<void> FeedSource::reread_secrets() {
  for (const auto& [file, secret] :
       {std::pair{&config_.password_file, &password_}, std::pair{&config_.token_file, &token_}}) {
    if (file->empty()) continue;
    Result<Secret> read = read_secret(*file, tools_.config_dir);
    if (!read) return read.error();
    *secret = std::move(*read);
  }
  return {};
}

HttpRequest FeedSource::request_for(const std::string& url, const FeedState& state) const {
  HttpRequest request;
  request.url = url;
  request.headers.emplace_back("Accept",
                               "application/atom+xml, application/rss+xml, application/feed+json, "
                               "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5");
  if (url == state.validated) {
    if (!state.etag.empty()) {
      request.headers.emplace_back("If-None-Match", state.etag);
      request.headers.emplace_back("A-IM", "feed");
    }
    if (!state.modified.empty()) request.headers.emplace_back("If-Modified-Since", state.modified);
  }
  if (origin_of(url) == origin_of(config_.url)) {
    request.user = config_.user;
    request.password = password_.reveal();
    request.bearer = token_.reveal();
  }
  request.ca_file = config_.ca_file;
  request.network = config_.network;
  return request;
}

Task<Result<Fetched>> FeedSource::fetch(std::string url, FeedState state) {
  Fetched fetched{.answer = {}, .url = std::move(url), .permanent = true};
  for (int hop = 0; hop <= kRedirects; ++hop) {
    HttpRequest request = request_for(fetched.url, state);
    Result<HttpResponse> answer = co_await tools_.http.send(std::move(request));
    if (!answer) co_return answer.error().in(config_.name);
    const int status = answer->status;
    const bool for_good = status == 301 || status == 308;
    if (!for_good && status != 302 && status != 303 && status != 307) {
      fetched.permanent = fetched.permanent && hop > 0;
      fetched.answer = std::move(*answer);
      co_return fetched;
    }
    const std::string next =
        without_fragment(resolve_url(fetched.url, trim(answer->header("Location"))));
    if (!is_web(next))
      co_return permanent(fmt::format("{}: HTTP {} leads to no web address", config_.name, status));
    if (fetched.url.starts_with("https:") && !next.starts_with("https:")) {
      co_return permanent(
          fmt::format("{}: HTTP {} leads from https to http; refused", config_.name, status));
    }
    fetched.permanent = fetched.permanent && for_good;
    fetched.url = next;
  }
  co_return transient(fmt::format("{}: more than {} redirects", config_.name, kRedirects));
}

/// A move is believed when the same permanent redirects led there several times: one misconfigured
/// afternoon is no move.
void FeedSource::note_move(FeedState& state, const Fetched& fetched) const {
  if (!fetched.permanent) {
    state.moving_to.clear();
    state.moves = 0;
    return;
  }
  state.moves = state.moving_to == fetched.url ? state.moves + 1 : 1;
  state.moving_to = fetched.url;
  if (state.moves < kMovesForGood) return;
  state.url = fetched.url;
  state.moving_to.clear();
  state.moves = 0;
}

bool FeedSource::wanted_at_first(const Post& post, Instant now) const {
  if (config_.start.kind != StartPolicy::Kind::back) return true;
  return post.created_at && *post.created_at >= now - config_.start.back;
}

void FeedSource::add(Batch& batch, Post post) const {
  post.source = config_.name;
  if (const auto channel = from_word<Channel>(config_.channel)) post.channel = *channel;
  if (post.language.empty()) post.language = config_.language;
  batch.posts.push_back(std::move(post));
}

Duration FeedSource::pause_for(const FeedRhythm& rhythm, const HttpResponse& answer) const {
  if (config_.min_every < kPolite) return config_.min_every;
  return std::max(config_.min_every, wish_of(rhythm, answer, tools_.clock.now()));
}

Task<Result<ParsedFeed>> FeedSource::read_document(const Fetched* fetched) const {
  const HttpResponse& answer = fetched->answer;
  ReadOrder order{.kind = ReadKind::feed,
                  .bytes = answer.body,
                  .base_url = fetched->url,
                  .content_type = std::string{answer.header("Content-Type")}};
  co_return co_await read_as<ParsedFeed>(&tools_, config_.name, std::move(order));
}

/// A whole document, or an item that was cut out of one.
Task<Result<Parsed>> FeedSource::reread(std::string raw) {
  std::string document = raw;
  const std::string_view head = trim(std::string_view{raw}.substr(0, 64));
  if (head.starts_with("<item")) document = "<rss><channel>" + raw + "</channel></rss>";
  if (head.starts_with("<entry"))
    document = "<feed xmlns=\"http://www.w3.org/2005/Atom\">" + raw + "</feed>";
  if (head.starts_with("{") && raw.find("\"items\"") == std::string::npos)
    document = R"({"version":"https://jsonfeed.org/version/1.1","items":[)" + raw + "]}";
  ReadOrder order{.kind = ReadKind::feed, .bytes = document, .base_url = config_.url};
  Result<ParsedFeed> feed =
      co_await read_as<ParsedFeed>(&tools_, config_.name, std::move(order), Guarded::no);
  if (!feed) co_return feed.error();
  for (Post& post : feed->posts) {
    if (const auto channel = from_word<Channel>(config_.channel)) post.channel = *channel;
    if (post.language.empty()) post.language = config_.language;
  }
  co_return Parsed{std::move(feed->posts), std::move(feed->bad), std::move(feed->warnings)};
}

/// Follows older pages until one holds something known. Failures there cost only the older items:
/// the gap says so.
Task<Result<void>> FeedSource::read_older(std::string next, SeenSet* seen, Batch* batch) {
  for (int page = 0; page < kPages && !next.empty(); ++page) {
    if (origin_of(next) != origin_of(config_.url))
      co_return transient("the next page is on another host");
    std::string page_url = next;
    FeedState nothing;
    Result<Fetched> fetched = co_await fetch(std::move(page_url), std::move(nothing));
    if (!fetched) co_return fetched.error();
    if (fetched->answer.status != 200)
      co_return transient(fmt::format("the next page: HTTP {}", fetched->answer.status));
    Result<ParsedFeed> feed = co_await read_document(&*fetched);
    if (!feed) co_return feed.error();
    std::move(feed->bad.begin(), feed->bad.end(), std::back_inserter(batch->bad));
    for (Post& post : feed->posts) {
      if (seen->judge(post) == SeenSet::Verdict::known) co_return Result<void>{};
      add(*batch, std::move(post));
    }
    if (feed->next_url == next) break;
    next = feed->next_url;
  }
  if (!next.empty()) co_return transient(fmt::format("more than {} pages are new", kPages));
  co_return Result<void>{};
}

Task<Result<Batch>> FeedSource::poll(std::string text) {
  const bool first = text.empty();
  FeedState state = FeedState::from_text(text);
  if (state.configured != config_.url) {
    std::vector<SeenItem> seen = std::move(state.seen);
    state = FeedState{};
    state.configured = config_.url;
    state.seen = std::move(seen);
  }
  std::string url = state.url.empty() ? config_.url : state.url;
  FeedState asked = state;
  Result<Fetched> fetched = co_await fetch(std::move(url), std::move(asked));
  if (!fetched) co_return fetched.error();
  const HttpResponse& answer = fetched->answer;
  Batch batch;
  batch.source = config_.name;
  if (answer.status == 304 && !first) {
    note_move(state, *fetched);
    if (const std::string_view etag = answer.header("ETag"); !etag.empty()) state.etag = etag;
    if (const std::string_view modified = answer.header("Last-Modified"); !modified.empty())
      state.modified = modified;
    batch.next = state.to_text();
    batch.not_before = pause_for({}, answer);
    co_return batch;
  }
  if (answer.status == 410) {
    Error gone =
        permanent(config_.name + ": HTTP 410: the feed is gone for good; remove the source");
    gone.status = 410;
    gone.retry_after = hours{24};
    co_return gone;
  }
  if (answer.status != 200 && answer.status != 226)
    co_return http_error(config_.name, answer, tools_.clock.now());

  Result<ParsedFeed> feed = co_await read_document(&*fetched);
  if (!feed) co_return transient(config_.name + ": " + feed.error().message);

  SeenSet seen{state.seen};
  batch.warnings = std::move(feed->warnings);
  batch.baseline = first && config_.start.kind == StartPolicy::Kind::now;
  const Instant now = tools_.clock.now();
  std::size_t known = 0;
  const std::size_t items = feed->posts.size();
  for (Post& post : feed->posts) {
    if (seen.judge(post) == SeenSet::Verdict::known) {
      ++known;
    } else if (!first || wanted_at_first(post, now)) {
      add(batch, std::move(post));
    }
  }
  const bool cut = std::any_of(feed->bad.begin(), feed->bad.end(),
                               [](const BadItem& item) { return item.reason != kPoison; });
  batch.bad = std::move(feed->bad);
  const bool whole = answer.status == 200;
  const bool all_pages = first && config_.start.kind == StartPolicy::Kind::all;
  const bool overtaken = !first && whole && items > 0 && known == 0 && !state.seen.empty();
  if (!feed->next_url.empty() && (overtaken || all_pages)) {
    std::string next = feed->next_url;
    Result<void> older = co_await read_older(std::move(next), &seen, &batch);
    if (!older) batch.gap = "older pages were not read: " + older.error().message;
  } else if (overtaken) {
    batch.gap = fmt::format(
        "none of its {} items was there at the last poll: others may have come and gone", items);
  }
  note_move(state, *fetched);
  state.validated = fetched->url;
  state.etag =
      cut ? std::string{} : std::string{answer.header("ETag")};  // a cut document is read again
  state.modified = cut ? std::string{} : std::string{answer.header("Last-Modified")};
  state.seen = seen.remember(whole);
  batch.next = state.to_text();
  batch.not_before = pause_for(feed->rhythm, answer);
  co_return batch;
}

}  // namespace

std::unique_ptr<Source> make_feed(const SourceConfig& config, const SourceTools& tools) {
  return std::make_unique<FeedSource>(config, tools);
}

}  // namespace earshot
