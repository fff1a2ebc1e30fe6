#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "earshot/core/ids.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "guarded.hpp"
#include "make.hpp"
#include "poll_parts.hpp"

/// JSON Lines of posts from a file: at once, at their own pace, faster, or following a file that
/// grows. The place in the file is part of the state, so a restart goes on where the last commit
/// was.

namespace earshot {

namespace {
constexpr std::size_t kBlock = std::size_t{4} << 20U;  ///< bytes read in a poll
constexpr std::size_t kLongestLine = std::size_t{1} << 20U;
constexpr std::size_t kKeptLines = std::size_t{64} << 10U;  ///< of a line that goes to quarantine
constexpr std::size_t kPosts = 1000;                        ///< in a batch
constexpr Duration kLook = milliseconds{200};  ///< how often a growing file is looked at

struct ReplayPlace {
  std::uint64_t offset = 0;
  std::uint64_t line = 0;
  std::uint64_t inode = 0;
  std::optional<Instant> first;  ///< created_at of the first post with one
  Instant began{};               ///< when it was replayed
  bool skip = false;             ///< inside a line that was too long
};

ReplayPlace read_place(const std::string& state) {
  ReplayPlace place;
  const auto document = parse_json(state.empty() ? "{}" : state);
  if (!document) return place;
  const auto number = [&](std::string_view key) {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, integer_at(*document, key).value_or(0)));
  };
  place.offset = number("offset");
  place.line = number("line");
  place.inode = number("inode");
  if (const auto first = integer_at(*document, "first")) place.first = from_unix_ms(*first);
  place.began = from_unix_ms(integer_at(*document, "began").value_or(0));
  place.skip = flag_at(*document, "skip");
  return place;
}

std::string to_state(const ReplayPlace& place) {
  JsonWriter out;
  out.object();
  out.field("offset", place.offset);
  out.field("line", place.line);
  out.field("inode", place.inode);
  out.field("first", place.first ? std::optional{to_unix_ms(*place.first)} : std::nullopt);
  out.field("began", to_unix_ms(place.began));
  out.field("skip", place.skip);
  out.end();
  return out.take();
}

class ReplaySource final : public Source {
 public:
  ReplaySource(SourceConfig config, SourceTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {
    path_ = config_.path.starts_with('/') || tools_.config_dir.empty()
                ? config_.path
                : tools_.config_dir + "/" + config_.path;
  }

  Task<Result<Batch>> poll(std::string state) override {
    Batch batch;
    batch.source = config_.name;
    ReplayPlace place = read_place(state);
    next_due_ = std::nullopt;
    struct stat file {};
    if (::stat(path_.c_str(), &file) != 0) {
      const std::string why = fmt::format("replay: {}: {}", printable(path_), std::strerror(errno));
      if (config_.follow) co_return transient(why);  // it may still be written
      co_return permanent(why);
    }
    const bool replaced = place.inode != 0 && place.inode != file.st_ino && config_.follow;
    if (replaced || static_cast<std::uint64_t>(file.st_size) < place.offset) {
      batch.warnings.push_back(
          fmt::format("{} is another file now; reading it from its beginning", printable(path_)));
      place = ReplayPlace{};
    }
    place.inode = file.st_ino;
    const Result<void> done = read_lines(place, batch);
    if (!done) co_return done.error();
    seen_size_ = place.offset;
    batch.next = to_state(place);
    stamp(config_, batch.posts);
    co_return batch;
  }

  Task<Result<Parsed>> reread(std::string raw) override {
    const auto document = parse_json(raw);
    if (!document) co_return document.error();
    auto post = post_from_json(*document);
    if (!post) co_return post.error();
    if (post->id.empty()) post->id = "line " + hash128_hex(raw);
    Parsed parsed;
    parsed.posts.push_back(std::move(*post));
    stamp(config_, parsed.posts);
    co_return parsed;
  }

  Task<> wait(Duration limit) override {
    const Duration start = tools_.clock.steady();
    for (;;) {
      const Duration left = limit - (tools_.clock.steady() - start);
      if (left <= Duration{0}) co_return;
      Duration nap = left;
      if (next_due_) {
        if (*next_due_ <= tools_.clock.now()) co_return;
        nap = std::min(nap, *next_due_ - tools_.clock.now());
      } else if (config_.follow) {
        if (has_grown()) co_return;
        nap = std::min(nap, kLook);
      }
      co_await tools_.clock.sleep_for(nap);
    }
  }

 private:
  bool has_grown() const {
    struct stat file {};
    return ::stat(path_.c_str(), &file) == 0 &&
           static_cast<std::uint64_t>(file.st_size) != seen_size_ + pending_;
  }

  Result<void> read_lines(ReplayPlace& place, Batch& batch) {
    std::ifstream file{path_, std::ios::binary};
    if (!file) return transient(fmt::format("replay: {} cannot be read", printable(path_)));
    file.seekg(static_cast<std::streamoff>(place.offset));
    std::string block(kBlock, '\0');
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    block.resize(static_cast<std::size_t>(file.gcount()));
    const bool ends = block.size() < kBlock;  // the end of the file is in it
    const std::uint64_t start = place.offset;
    GuardedRead read{tools_.guard, config_.name, block, true};
    std::size_t at = 0;
    while (at < block.size() && batch.posts.size() + batch.bad.size() < kPosts) {
      const std::size_t end = block.find('\n', at);
      const std::size_t stop = std::min(end, block.size());
      const bool cut = end == std::string::npos && (!ends || config_.follow);
      if (cut && stop - at <= kLongestLine) break;  // the rest of the line is to come
      if (!take_line(std::string_view{block}.substr(at, stop - at), place, batch, read.watch()))
        break;
      place.skip = cut;
      at = std::min(stop + 1, block.size());
      place.offset = start + at;
    }
    pending_ = block.size() - at;
    const bool line_waits = block.find('\n', at) != std::string::npos;
    batch.more = !next_due_ && at > 0 && (line_waits || !ends);
    return {};
  }

  /// False where the post is not due yet: the line stays.
  bool take_line(std::string_view line, ReplayPlace& place, Batch& batch, ItemWatch* watch) {
    if (place.skip) return true;  // the tail of a line that was too long
    if (trim(line).empty()) {
      ++place.line;
      return true;
    }
    const auto set_aside = [&](const std::string& reason) {
      ++place.line;
      batch.bad.push_back({{},
                           std::string{cut_utf8(line, kKeptLines)},
                           fmt::format("line {}: {}", place.line, reason)});
      return true;
    };
    if (line.size() > kLongestLine) return set_aside("longer than 1 MiB");
    if (watch != nullptr && !watch->may_read(line)) return set_aside(std::string{kPoison});
    const auto document = parse_json(line);
    if (!document) return set_aside(document.error().message);
    auto post = post_from_json(*document);
    if (!post) return set_aside(post.error().message);
    if (!is_due(*post, place)) return false;
    ++place.line;
    if (post->id.empty()) post->id = fmt::format("line-{}", place.line);
    batch.posts.push_back(std::move(*post));
    return true;
  }

  /// At its own pace a post comes as long after the first as it was written after it, divided by
  /// the speed.
  bool is_due(const Post& post, ReplayPlace& place) {
    if (config_.speed <= 0 || !post.created_at) return true;
    if (!place.first) {
      place.first = post.created_at;
      place.began = tools_.clock.now();
      return true;
    }
    const double after =
        static_cast<double>((*post.created_at - *place.first).count()) / config_.speed;
    if (!(after > 0)) return true;  // written earlier than the first: late, so at once
    const Duration span{static_cast<std::int64_t>(std::min(after, 1e15))};
    const Instant due = place.began + span;
    if (due <= tools_.clock.now()) return true;
    next_due_ = due;
    return false;
  }

  SourceConfig config_;
  SourceTools tools_;
  std::string path_;
  std::optional<Instant> next_due_;
  std::uint64_t seen_size_ = 0;
  std::uint64_t pending_ = 0;
};
}  // namespace

std::unique_ptr<Source> make_replay(const SourceConfig& config, const SourceTools& tools) {
  return std::make_unique<ReplaySource>(config, tools);
}

}  // namespace earshot
