// What the reader answers, and what it is asked. The first byte chooses: bytes as an answer of a
// kind, bytes as a task, or a reading that the bytes describe, said and understood again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "../../src/sources/parse/reading_codec.hpp"
#include "earshot/core/utf8.hpp"

namespace {

using namespace earshot;

constexpr std::size_t kMostText = std::size_t{256} << 10U;

void demand(bool held) {
  if (!held) std::abort();
}

void demand_text(std::string_view text) {
  demand(is_utf8(text) && text.find('\0') == std::string_view::npos);
}

/// Every field of what was read, in an order of its own: the codec is not asked about itself.
class Fields {
 public:
  std::string take() { return std::move(out_); }
  void text(std::string_view it) {
    demand_text(it);
    out_ += std::to_string(it.size()) + ":";
    out_ += it;
  }
  void texts(const std::vector<std::string>& list) {
    number(list.size());
    for (const std::string& it : list) text(it);
  }
  void number(std::uint64_t value) { out_ += std::to_string(value) + ";"; }
  void at(const std::optional<Instant>& it) {
    out_ += it ? std::to_string(to_unix_ms(*it)) + "@" : "-";
  }
  void span(const std::optional<Duration>& it) {
    out_ += it ? std::to_string(it->count()) + "~" : "-";
  }
  void post(const Post& it) {
    demand(it.source.empty() && it.text.size() <= kMostText);
    texts({it.id, it.url, it.title, it.text, it.quoted, it.language, it.in_reply_to,
           it.conversation});
    texts({it.author.id, it.author.name, it.author.handle});
    out_ += it.author.followers ? std::to_string(*it.author.followers) + "f" : "-";
    at(it.created_at);
    at(it.updated_at);
    for (const auto* list : {&it.links, &it.addressed, &it.cashtags, &it.hashtags, &it.mentions})
      texts(*list);
    number(static_cast<std::uint64_t>(it.automatic));
    number(static_cast<std::uint64_t>(it.channel));
    for (const bool flag : {it.is_public, it.truncated, it.deleted}) number(flag ? 1 : 0);
    number(it.attachments.size());
    for (const Attachment& file : it.attachments) {
      texts({file.name, file.type});
      number(file.bytes);
    }
  }
  void parsed(const Parsed& it) {
    number(it.posts.size());
    for (const Post& one : it.posts) post(one);
    number(it.bad.size());
    for (const BadItem& bad : it.bad) {
      texts({bad.id, bad.reason});
      out_ += std::to_string(bad.raw.size()) + ":" + bad.raw;  // bytes as they came
    }
    texts(it.warnings);
  }
  void operator()(const Parsed& it) { parsed(it); }
  void operator()(const ParsedFeed& it) {
    parsed(it);
    texts({it.title, it.home, it.next_url});
    number(static_cast<std::uint64_t>(it.kind));
    span(it.rhythm.ttl);
    span(it.rhythm.update);
    number(it.rhythm.skip_hours);
    number(it.rhythm.skip_days);
  }
  void operator()(const MastodonPage& it) {
    parsed(it.parsed);
    for (const MastodonPage::Item& item : it.items) {
      texts({item.id, item.edited});
      demand(!item.post || *item.post < it.parsed.posts.size());
      number(item.post ? *item.post + 1 : 0);
    }
  }
  void operator()(const BlueskyPage& it) {
    parsed(it.parsed);
    for (const BlueskyPage::Item& item : it.items) texts({item.uri, item.cid, item.did});
    text(it.cursor);
  }
  void operator()(const Followers& it) {
    for (const auto& [did, count] : it) {
      text(did);
      number(count);
    }
  }

 private:
  std::string out_;
};

std::string fields_of(const Result<Reading>& read) {
  Fields out;
  if (read) {
    std::visit(out, *read);
  } else {
    out.text(read.error().message);
    out.number(read.error().kind == Error::Kind::permanent ? 1 : 0);
  }
  return out.take();
}

/// A reading out of bytes: whatever a parser could have made, and more than one would.
class Maker {
 public:
  explicit Maker(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t byte() {
    if (bytes_.empty()) return 0;
    const auto out = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return out;
  }
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (std::uint64_t n = byte() % 9; n > 0; --n) out = (out << 8U) | byte();
    return out;
  }
  std::string raw() {
    const std::uint64_t most = byte() % 32;
    const std::string_view out = bytes_.substr(0, most);
    bytes_.remove_prefix(out.size());
    return std::string{out};
  }
  /// As the parsers promise it.
  std::string text() { return clean_utf8(raw()); }
  std::vector<std::string> texts() {
    std::vector<std::string> out(byte() % 4);
    for (std::string& it : out) it = text();
    return out;
  }
  std::optional<Instant> at() {
    constexpr std::int64_t kFarthest = 253'402'300'800'000;
    if (byte() % 2 == 0) return std::nullopt;
    return from_unix_ms(static_cast<std::int64_t>(number()) % kFarthest);
  }
  std::optional<Duration> span() {
    if (byte() % 2 == 0) return std::nullopt;
    return Duration{static_cast<std::int64_t>(number() % 1'000'000'000)};
  }
  Post post() {
    Post out;
    for (std::string* it :
         {&out.id, &out.url, &out.title, &out.text, &out.quoted, &out.language, &out.in_reply_to,
          &out.conversation, &out.author.id, &out.author.name, &out.author.handle})
      *it = text();
    if (byte() % 2 == 1) out.author.followers = number();
    out.created_at = at();
    out.updated_at = at();
    for (auto* list : {&out.links, &out.addressed, &out.cashtags, &out.hashtags, &out.mentions})
      *list = texts();
    out.automatic = static_cast<Automatic>(byte() % kWordsOf<Automatic>.size());
    out.channel = static_cast<Channel>(byte() % kWordsOf<Channel>.size());
    out.is_public = byte() % 2 == 1;
    out.truncated = byte() % 2 == 1;
    out.deleted = byte() % 2 == 1;
    for (std::uint64_t n = byte() % 3; n > 0; --n)
      out.attachments.push_back({text(), text(), number()});
    return out;
  }
  Parsed parsed() {
    Parsed out;
    for (std::uint64_t n = byte() % 4; n > 0; --n) out.posts.push_back(post());
    for (std::uint64_t n = byte() % 3; n > 0; --n) out.bad.push_back({text(), raw(), text()});
    out.warnings = texts();
    return out;
  }
  Result<Reading> reading(ReadKind kind) {
    if (byte() % 8 == 0) return byte() % 2 == 0 ? permanent(text()) : transient(text());
    switch (kind) {
      case ReadKind::feed: {
        ParsedFeed out;
        static_cast<Parsed&>(out) = parsed();
        out.kind = static_cast<FeedKind>(byte() % kWordsOf<FeedKind>.size());
        for (std::string* it : {&out.title, &out.home, &out.next_url}) *it = text();
        out.rhythm = {span(), span(), static_cast<std::uint32_t>(number()),
                      static_cast<std::uint32_t>(number())};
        return Reading{std::move(out)};
      }
      case ReadKind::mail:
        return Reading{parsed()};
      case ReadKind::mastodon: {
        MastodonPage out{parsed(), {}};
        for (std::uint64_t n = byte() % 4; n > 0; --n) {
          MastodonPage::Item& item = out.items.emplace_back();
          item.id = text();
          item.edited = text();
          if (!out.parsed.posts.empty() && byte() % 2 == 1)
            item.post = byte() % out.parsed.posts.size();
        }
        return Reading{std::move(out)};
      }
      case ReadKind::bluesky: {
        BlueskyPage out{parsed(), {}, text()};
        for (std::uint64_t n = byte() % 4; n > 0; --n)
          out.items.push_back({text(), text(), text()});
        return Reading{std::move(out)};
      }
      case ReadKind::bluesky_profiles:
        break;
    }
    Followers out;
    for (std::uint64_t n = byte() % 4; n > 0; --n) {
      std::string did = text();
      out.emplace_back(std::move(did), number());
    }
    return Reading{std::move(out)};
  }

 private:
  std::string_view bytes_;
};

/// What is understood of any bytes is said and understood again.
void check_answer(std::string_view bytes, ReadKind kind) {
  const std::optional<Result<Reading>> once = decode_answer(bytes, kind);
  if (!once) return;
  const std::optional<Result<Reading>> twice = decode_answer(encode_answer(*once), kind);
  demand(twice && fields_of(*once) == fields_of(*twice));
}

void check_task(std::string_view bytes) {
  const std::optional<ReadTask> once = decode_task(bytes);
  if (!once) return;
  const std::string said = encode_head(*once) + std::string{once->order.bytes};
  const std::optional<ReadTask> twice = decode_task(said);
  demand(twice && twice->order.kind == once->order.kind && twice->careful == once->careful &&
         twice->order.base_url == once->order.base_url &&
         twice->order.content_type == once->order.content_type &&
         twice->order.own_lists == once->order.own_lists && twice->deadly == once->deadly &&
         twice->order.bytes == once->order.bytes);
}

/// What parsers promise goes through whole; what they do not promise is mended, never refused.
void check_reading(std::string_view bytes, ReadKind kind) {
  const Result<Reading> read = Maker{bytes}.reading(kind);
  const std::optional<Result<Reading>> got = decode_answer(encode_answer(read), kind);
  demand(got && fields_of(*got) == fields_of(read));
  Parsed foul;
  foul.posts.emplace_back().text = bytes;
  foul.posts.back().title = bytes.substr(0, bytes.size() / 2);
  const auto mended = decode_answer(encode_answer(Reading{foul}), ReadKind::mail);
  demand(mended && mended->ok());
  static_cast<void>(fields_of(*mended));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kKinds = kWordsOf<ReadKind>.size();
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto kind = static_cast<ReadKind>(data[0] % kKinds);
  switch (data[0] / kKinds % 3) {
    case 0:
      check_answer(bytes, kind);
      break;
    case 1:
      check_reading(bytes, kind);
      break;
    default:
      check_task(bytes);
      break;
  }
  return 0;
}
