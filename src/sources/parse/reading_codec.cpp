#include "reading_codec.hpp"

#include <algorithm>

#include "wire.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostElements = 2'000'000;  // of all lists of one answer
constexpr std::size_t kMostText = std::size_t{256} << 10U;
constexpr std::size_t kMostField = std::size_t{64} << 20U;
constexpr std::size_t kMostMessage = 4096;
constexpr std::int64_t kFarthest = 253'402'300'800'000;  // ms: the year 10000, and as far back
constexpr std::int64_t kLongestRhythm = std::int64_t{10} * 366 * 24 * 3600 * 1000;

/// A text as the reader promises it, whatever its parser thought.
void put(wire::Out& out, std::string_view text, std::size_t most = kMostField) {
  if (text.size() <= most && text.find('\0') == std::string_view::npos && is_utf8(text)) {
    out.bytes(text);
    return;
  }
  std::string clean = clean_utf8(text);
  std::replace(clean.begin(), clean.end(), '\0', ' ');
  out.bytes(cut_utf8(clean, most));
}

void put(wire::Out& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const std::string& it : texts) put(out, it);
}

void put(wire::Out& out, const std::optional<Instant>& at) {
  const bool known = at && to_unix_ms(*at) < kFarthest && to_unix_ms(*at) > -kFarthest;
  out.number(known ? 1 : 0);
  if (known) out.integer(to_unix_ms(*at));
}

std::optional<Instant> instant(wire::In& in) {
  if (in.number_below(2) == 0) return std::nullopt;
  const std::int64_t ms = in.integer();
  if (ms < kFarthest && ms > -kFarthest) return from_unix_ms(ms);
  in.fail();
  return std::nullopt;
}

void put(wire::Out& out, const std::optional<Duration>& span) {
  out.number(span ? 1 : 0);
  if (span)
    out.number(
        static_cast<std::uint64_t>(std::clamp<std::int64_t>(span->count(), 0, kLongestRhythm)));
}

std::optional<Duration> duration(wire::In& in) {
  if (in.number_below(2) == 0) return std::nullopt;
  return Duration{static_cast<std::int64_t>(in.number_below(kLongestRhythm + 1))};
}

void put(wire::Out& out, const Post& post) {
  for (const std::string* it :
       {&post.id, &post.url, &post.author.id, &post.author.name, &post.author.handle, &post.title})
    put(out, *it);
  put(out, post.text, kMostText);
  for (const std::string* it :
       {&post.language, &post.in_reply_to, &post.conversation, &post.quoted})
    put(out, *it);
  for (const auto* it :
       {&post.mentions, &post.hashtags, &post.cashtags, &post.links, &post.addressed})
    put(out, *it);
  put(out, post.created_at);
  put(out, post.updated_at);
  out.number(post.author.followers ? 1 : 0);
  if (post.author.followers) out.number(*post.author.followers);
  out.number((post.is_public ? 1U : 0U) | (post.truncated ? 2U : 0U) | (post.deleted ? 4U : 0U));
  out.number(static_cast<std::uint64_t>(post.automatic));
  out.number(static_cast<std::uint64_t>(post.channel));
  out.number(post.attachments.size());
  for (const Attachment& file : post.attachments) {
    put(out, file.name);
    put(out, file.type);
    out.number(file.bytes);
  }
}

Post post(wire::In& in) {
  Post out;
  for (std::string* it :
       {&out.id, &out.url, &out.author.id, &out.author.name, &out.author.handle, &out.title})
    *it = in.text(kMostField);
  out.text = in.text(kMostText);
  for (std::string* it : {&out.language, &out.in_reply_to, &out.conversation, &out.quoted})
    *it = in.text(kMostField);
  for (auto* it : {&out.mentions, &out.hashtags, &out.cashtags, &out.links, &out.addressed})
    *it = in.texts(kMostField);
  out.created_at = instant(in);
  out.updated_at = instant(in);
  if (in.number_below(2) != 0) out.author.followers = in.number();
  const std::uint64_t flags = in.number_below(8);
  out.is_public = (flags & 1U) != 0;
  out.truncated = (flags & 2U) != 0;
  out.deleted = (flags & 4U) != 0;
  out.automatic = static_cast<Automatic>(in.number_below(kWordsOf<Automatic>.size()));
  out.channel = static_cast<Channel>(in.number_below(kWordsOf<Channel>.size()));
  for (std::size_t n = in.count(); n > 0 && in.good(); --n) {
    Attachment& file = out.attachments.emplace_back();
    file.name = in.text(kMostField);
    file.type = in.text(kMostField);
    file.bytes = in.number();
  }
  return out;
}

void put(wire::Out& out, const Parsed& parsed) {
  out.number(parsed.posts.size());
  for (const Post& it : parsed.posts) put(out, it);
  out.number(parsed.bad.size());
  for (const BadItem& it : parsed.bad) {
    put(out, it.id);
    out.bytes(it.raw);
    put(out, it.reason);
  }
  put(out, parsed.warnings);
}

Parsed parsed(wire::In& in) {
  Parsed out;
  for (std::size_t n = in.count(); n > 0 && in.good(); --n) out.posts.push_back(post(in));
  for (std::size_t n = in.count(); n > 0 && in.good(); --n) {
    BadItem& bad = out.bad.emplace_back();
    bad.id = in.text(kMostField);
    bad.raw = in.view();
    bad.reason = in.text(kMostField);
  }
  out.warnings = in.texts(kMostField);
  return out;
}

void put(wire::Out& out, const ParsedFeed& feed) {
  put(out, static_cast<const Parsed&>(feed));
  out.number(static_cast<std::uint64_t>(feed.kind));
  for (const std::string* it : {&feed.title, &feed.home, &feed.next_url}) put(out, *it);
  put(out, feed.rhythm.ttl);
  put(out, feed.rhythm.update);
  out.number(feed.rhythm.skip_hours);
  out.number(feed.rhythm.skip_days);
}

ParsedFeed feed(wire::In& in) {
  ParsedFeed out;
  static_cast<Parsed&>(out) = parsed(in);
  out.kind = static_cast<FeedKind>(in.number_below(kWordsOf<FeedKind>.size()));
  for (std::string* it : {&out.title, &out.home, &out.next_url}) *it = in.text(kMostField);
  out.rhythm.ttl = duration(in);
  out.rhythm.update = duration(in);
  out.rhythm.skip_hours = static_cast<std::uint32_t>(in.number_below(UINT64_C(1) << 32U));
  out.rhythm.skip_days = static_cast<std::uint32_t>(in.number_below(UINT64_C(1) << 32U));
  return out;
}

void put(wire::Out& out, const MastodonPage& page) {
  put(out, page.parsed);
  out.number(page.items.size());
  for (const MastodonPage::Item& it : page.items) {
    put(out, it.id);
    put(out, it.edited);
    out.number(it.post ? *it.post + 1 : 0);
  }
}

MastodonPage mastodon(wire::In& in) {
  MastodonPage out;
  out.parsed = parsed(in);
  for (std::size_t n = in.count(); n > 0 && in.good(); --n) {
    MastodonPage::Item& item = out.items.emplace_back();
    item.id = in.text(kMostField);
    item.edited = in.text(kMostField);
    const auto place = static_cast<std::size_t>(in.number_below(out.parsed.posts.size() + 1));
    if (place > 0) item.post = place - 1;
  }
  return out;
}

void put(wire::Out& out, const BlueskyPage& page) {
  put(out, page.parsed);
  out.number(page.items.size());
  for (const BlueskyPage::Item& it : page.items) {
    for (const std::string* text : {&it.uri, &it.cid, &it.did}) put(out, *text);
  }
  put(out, page.cursor);
}

BlueskyPage bluesky(wire::In& in) {
  BlueskyPage out;
  out.parsed = parsed(in);
  for (std::size_t n = in.count(); n > 0 && in.good(); --n) {
    BlueskyPage::Item& item = out.items.emplace_back();
    for (std::string* text : {&item.uri, &item.cid, &item.did}) *text = in.text(kMostField);
  }
  out.cursor = in.text(kMostField);
  return out;
}

void put(wire::Out& out, const Followers& followers) {
  out.number(followers.size());
  for (const auto& [did, count] : followers) {
    put(out, did);
    out.number(count);
  }
}

Followers followers(wire::In& in) {
  Followers out;
  for (std::size_t n = in.count(); n > 0 && in.good(); --n) {
    std::string did = in.text(kMostField);
    out.emplace_back(std::move(did), in.number());
  }
  return out;
}

Reading reading(wire::In& in, ReadKind kind) {
  switch (kind) {
    case ReadKind::feed:
      return feed(in);
    case ReadKind::mail:
      return parsed(in);
    case ReadKind::mastodon:
      return mastodon(in);
    case ReadKind::bluesky:
      return bluesky(in);
    case ReadKind::bluesky_profiles:
      break;
  }
  return followers(in);
}

}  // namespace

std::string encode_head(const ReadTask& task) {
  wire::Out out;
  out.number(static_cast<std::uint64_t>(task.order.kind));
  out.number(task.careful ? 1 : 0);
  out.bytes(task.order.base_url);
  out.bytes(task.order.content_type);
  out.list(task.order.own_lists);
  out.list(task.deadly);
  return out.take();
}

std::optional<ReadTask> decode_task(std::string_view bytes) {
  wire::In in{bytes, kMostElements};
  const auto list = [&in] {
    std::vector<std::string> out;
    for (std::size_t n = in.count(); n > 0 && in.good(); --n) out.emplace_back(in.view());
    return out;
  };
  ReadTask task;
  task.order.kind = static_cast<ReadKind>(in.number_below(kWordsOf<ReadKind>.size()));
  task.careful = in.number_below(2) == 1;
  task.order.base_url = in.view();
  task.order.content_type = in.view();
  task.order.own_lists = list();
  task.deadly = list();
  if (!in.good()) return std::nullopt;
  task.order.bytes = in.rest();
  return task;
}

std::string encode_answer(const Result<Reading>& read) {
  wire::Out out;
  out.number(read ? 1 : 0);
  if (read) {
    std::visit([&out](const auto& it) { put(out, it); }, *read);
  } else {
    out.number(read.error().kind == Error::Kind::permanent ? 1 : 0);
    put(out, read.error().message, kMostMessage);
  }
  return out.take();
}

std::optional<Result<Reading>> decode_answer(std::string_view bytes, ReadKind kind) {
  wire::In in{bytes, kMostElements};
  std::optional<Result<Reading>> out;
  if (in.number_below(2) == 1) {
    out.emplace(reading(in, kind));
  } else {
    const bool for_good = in.number_below(2) == 1;
    std::string message = in.text(kMostMessage);
    out.emplace(for_good ? permanent(std::move(message)) : transient(std::move(message)));
  }
  if (!in.whole()) return std::nullopt;
  return out;
}

}  // namespace earshot
