#include "poll_parts.hpp"

#include <malloc.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace earshot {

void give_memory_back() {
  ::malloc_trim(0);
}

namespace {
constexpr Duration kLongestWait = hours{24};

std::uint64_t hash_of(std::string_view key) {  // FNV-1a
  std::uint64_t h = 14'695'981'039'346'656'037ULL;
  for (const char c : key) h = (h ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
  return h;
}
}  // namespace

std::string join_url(std::string_view base, std::string_view path) {
  while (base.ends_with('/')) base.remove_suffix(1);
  return std::string{base} + std::string{path};
}

std::string encode_query(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::optional<Duration> rate_limit_wait(const HttpResponse& response, std::string_view header,
                                        Instant now) {
  const std::string_view text = response.header(header);
  if (text.empty()) return std::nullopt;
  std::optional<Instant> until = parse_rfc3339(text);
  if (!until) {
    std::int64_t epoch = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), epoch);
    if (code != std::errc{} || end != text.data() + text.size() || epoch < 0 ||
        epoch > 100'000'000'000)
      return std::nullopt;
    until = from_unix(epoch);
  }
  const Instant theirs = parse_http_date(response.header("Date")).value_or(now);
  return std::clamp<Duration>(*until - theirs, seconds{1}, kLongestWait);
}

Error answer_error(std::string_view where, const HttpResponse& response,
                   std::string_view reset_header, Instant now) {
  Error error = http_error(where, response, now);
  if (response.status == 429 && !error.retry_after)
    error.retry_after = rate_limit_wait(response, reset_header, now);
  return error;
}

Error unreadable(std::string_view where, const Error& error) {
  Error out = transient(error.message).in(std::string{where});
  out.status = 200;
  return out;
}

void stamp(const SourceConfig& config, std::vector<Post>& posts) {
  const auto channel = from_word<Channel>(config.channel);
  for (Post& post : posts) {
    post.source = config.name;
    if (post.language.empty()) post.language = config.language;
    if (channel) post.channel = *channel;
  }
}

bool too_old(const Post& post, const StartPolicy& start, Instant now) {
  return start.kind == StartPolicy::Kind::back && post.created_at &&
         *post.created_at < now - start.back;
}

void SeenKeys::read(const JsonValue& state, std::string_view name) {
  const JsonValue* list = find(state, name);
  if (list == nullptr || !list->IsArray()) return;
  for (const JsonValue& key : list->GetArray()) {
    if (!key.IsUint64() || !keys_.insert(key.GetUint64()).second) continue;
    order_.push_back(key.GetUint64());
  }
}

void SeenKeys::write(JsonWriter& out, std::string_view name) const {
  const std::size_t skip = order_.size() > capacity_ ? order_.size() - capacity_ : 0;
  out.key(name);
  out.array();
  for (std::size_t i = skip; i < order_.size(); ++i) out.value(order_[i]);
  out.end_array();
}

bool SeenKeys::has(std::string_view key) const {
  return keys_.count(hash_of(key)) > 0;
}

void SeenKeys::add(std::string_view key) {
  if (keys_.insert(hash_of(key)).second) {
    order_.push_back(hash_of(key));
    return;
  }
  // Seen again: it moves to the young end, or a key that stands at the top for weeks would be
  // forgotten.
  const auto it = std::find(order_.begin(), order_.end(), hash_of(key));
  std::rotate(it, it + 1, order_.end());
}

std::vector<std::string> vanished(const std::vector<std::string>& before,
                                  const std::vector<std::string>& now) {
  const std::unordered_set<std::string> here{now.begin(), now.end()};
  const auto last = std::find_if(before.rbegin(), before.rend(),
                                 [&](const std::string& id) { return here.count(id) > 0; });
  std::vector<std::string> missing;
  for (auto it = before.begin(); it != before.end() && it < last.base(); ++it) {
    if (here.count(*it) == 0) missing.push_back(*it);
  }
  return missing;
}

}  // namespace earshot
