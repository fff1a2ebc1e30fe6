#pragma once

/// What the connectors of social platforms share: addresses, waits told by rate limits, memories of
/// what was seen.

#include <boost/asio/this_coro.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "earshot/config/config.hpp"
#include "earshot/core/json.hpp"
#include "earshot/runtime/http.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/sources/source.hpp"

namespace earshot {

/// "https://host/" + "/path" without a doubled slash.
std::string join_url(std::string_view base, std::string_view path);
/// Percent-encoding of a query's value (RFC 3986 unreserved characters stay).
std::string encode_query(std::string_view text);

/// How long to wait by `header` (ISO 8601 or seconds since 1970) relative to the answer's own Date,
/// so that a wrong clock of ours does no harm. At least a second, at most a day.
std::optional<Duration> rate_limit_wait(const HttpResponse& response, std::string_view header,
                                        Instant now);
/// http_error, with the wait of a 429 read from `reset_header` where there is no Retry-After.
Error answer_error(std::string_view where, const HttpResponse& response,
                   std::string_view reset_header, Instant now);
/// A 200 that cannot be read: a login page, a cut answer. Transient, because the next one may be
/// whole.
Error unreadable(std::string_view where, const Error& error);

/// What a big document took goes back to the system: allocators of several threads would keep it
/// each.
void give_memory_back();

/// Reads an answer on a worker where it is so big that others would wait for it. `read` runs once;
/// what it captures by reference is kept by the caller's frame, and a cancelled caller waits for
/// it.
template <class Read>
Task<std::invoke_result_t<Read&>> read_away(Executor workers, std::size_t bytes, Read read) {
  constexpr std::size_t kReadHere = std::size_t{64} << 10U;  // a millisecond; cheaper than a trip
  if (!workers || bytes < kReadHere) co_return read();
  std::optional<std::invoke_result_t<Read&>> out;
  constexpr std::size_t kBig = std::size_t{1} << 20U;
  std::function<void()> work = [&out, &read, bytes] {
    out.emplace(read());
    if (bytes >= kBig) give_memory_back();
  };
  // No exception passes while the work may run: a poison mark around it would stay.
  const bool threw = co_await boost::asio::this_coro::throw_if_cancelled();
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await run_on(workers, std::move(work));
  co_await boost::asio::this_coro::throw_if_cancelled(threw);
  co_return std::move(*out);
}

/// Sets what the configuration says about every post of a source.
void stamp(const SourceConfig& config, std::vector<Post>& posts);
/// True where `start` says that this post is older than wanted.
bool too_old(const Post& post, const StartPolicy& start, Instant now);

/// The last `capacity` keys, kept as 64-bit hashes (FNV-1a); survives in the source's state.
class SeenKeys {
 public:
  explicit SeenKeys(std::size_t capacity) : capacity_(capacity) {}
  void read(const JsonValue& state, std::string_view name);
  void write(JsonWriter& out, std::string_view name) const;
  bool has(std::string_view key) const;
  void add(std::string_view key);
  bool empty() const { return order_.empty(); }

 private:
  std::size_t capacity_;
  std::vector<std::uint64_t> order_;  // the oldest first
  std::unordered_set<std::uint64_t> keys_;
};

/// Which of the ids seen at the top last time are missing from today's page although something
/// below them is still there. Both lists newest first. They were probably taken back; ask before
/// believing it.
std::vector<std::string> vanished(const std::vector<std::string>& before,
                                  const std::vector<std::string>& now);

}  // namespace earshot
