#include "sqlite_post_codec.hpp"

namespace earshot::sqlite {
namespace {

constexpr char kFormat = 1;
enum Flag : unsigned { kPublic = 1, kTruncated = 2, kFollowers = 4, kCreated = 8, kUpdated = 16 };

class Out {
 public:
  explicit Out(std::string& bytes) : bytes_(bytes) {}
  void number(std::uint64_t value) {
    for (; value >= 0x80U; value >>= 7U) bytes_ += static_cast<char>((value & 0x7FU) | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  // Zigzag: small negative numbers (times before 1970) stay short.
  void integer(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void text(const std::string& value) {
    number(value.size());
    bytes_ += value;
  }
  void list(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) text(value);
  }

 private:
  std::string& bytes_;
};

class In {
 public:
  explicit In(std::string_view bytes) : bytes_(bytes) {}
  bool good() const { return good_; }
  bool at_end() const { return bytes_.empty(); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80U) return value;
    }
    good_ = false;
    return 0;
  }
  std::int64_t integer() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
  }
  void text(std::string& into) {
    const std::uint64_t size = number();
    if (size > bytes_.size()) {
      good_ = false;
      bytes_ = {};
      return;
    }
    into.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
  }
  /// How many elements follow; each takes a byte at least, so a damaged count cannot make us
  /// reserve the world.
  std::size_t count() {
    const std::uint64_t n = number();
    if (n <= bytes_.size()) return n;
    good_ = false;
    return 0;
  }
  void list(std::vector<std::string>& into) {
    into.resize(count());
    for (std::string& value : into) text(value);
  }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

}  // namespace

void encode_post(const Post& post, std::string& out) {
  out += kFormat;
  Out o{out};
  o.number((post.is_public ? kPublic : 0U) | (post.truncated ? kTruncated : 0U) |
           (post.author.followers ? kFollowers : 0U) | (post.created_at ? kCreated : 0U) |
           (post.updated_at ? kUpdated : 0U));
  o.number(static_cast<std::uint64_t>(post.automatic));
  o.number(static_cast<std::uint64_t>(post.channel));
  if (post.author.followers) o.number(*post.author.followers);
  if (post.created_at) o.integer(to_unix_ms(*post.created_at));
  if (post.updated_at) o.integer(to_unix_ms(*post.updated_at));
  for (const std::string* text :
       {&post.url, &post.author.id, &post.author.name, &post.author.handle, &post.title, &post.text,
        &post.language, &post.in_reply_to, &post.conversation, &post.quoted}) {
    o.text(*text);
  }
  for (const auto* list :
       {&post.mentions, &post.hashtags, &post.cashtags, &post.links, &post.addressed})
    o.list(*list);
  o.number(post.attachments.size());
  for (const Attachment& file : post.attachments) {
    o.text(file.name);
    o.text(file.type);
    o.number(file.bytes);
  }
}

bool decode_post(std::string_view bytes, Post& post) {
  if (bytes.empty() || bytes.front() != kFormat) return false;
  In in{bytes.substr(1)};
  const std::uint64_t flags = in.number();
  const std::uint64_t automatic = in.number();
  const std::uint64_t channel = in.number();
  if (automatic >= kWordsOf<Automatic>.size() || channel >= kWordsOf<Channel>.size()) return false;
  post.is_public = (flags & kPublic) != 0;
  post.truncated = (flags & kTruncated) != 0;
  post.automatic = static_cast<Automatic>(automatic);
  post.channel = static_cast<Channel>(channel);
  if ((flags & kFollowers) != 0) post.author.followers = in.number();
  if ((flags & kCreated) != 0) post.created_at = from_unix_ms(in.integer());
  if ((flags & kUpdated) != 0) post.updated_at = from_unix_ms(in.integer());
  for (std::string* text :
       {&post.url, &post.author.id, &post.author.name, &post.author.handle, &post.title, &post.text,
        &post.language, &post.in_reply_to, &post.conversation, &post.quoted}) {
    in.text(*text);
  }
  for (auto* list : {&post.mentions, &post.hashtags, &post.cashtags, &post.links, &post.addressed})
    in.list(*list);
  post.attachments.resize(in.count());
  for (Attachment& file : post.attachments) {
    in.text(file.name);
    in.text(file.type);
    file.bytes = in.number();
  }
  return in.good() && in.at_end();
}

}  // namespace earshot::sqlite
