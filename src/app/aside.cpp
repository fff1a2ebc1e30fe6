#include "aside.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

void note(StoreWriter& writer, const std::string& source, const BadItem& item,
          const std::string& native, Instant now) {
  JsonWriter data;
  data.object();
  data.field("source", source);
  data.field("id", native);
  data.field("reason", item.reason);
  data.field("bytes", static_cast<std::uint64_t>(item.raw.size()));
  data.end();
  writer.append_ledger({0, now, "intake", "quarantined", "", data.take(), ""});
}

/// While an incident of this source is open, what follows is its matter too.
void page_once(StoreWriter& writer, Effects& effects, const std::string& source,
               const BadItem& item) {
  const std::string place = "unreadable/" + source;
  if (const auto open = writer.meta(place)) {
    const auto record = writer.case_by_id(*open);
    if (record && !record->ended) return;
  }
  const std::string begin = printable(cut_utf8(clean_utf8(item.raw), 600));
  writer.put_meta(place, effects.open_unreadable(source, item.reason, begin));
}

}  // namespace

std::string digest_of(const Post& post) {
  return hash128_hex(post.id + '\x1F' + post.title + '\x1F' + post.text);
}

BatchMark::BatchMark(PoisonGuard& guard, const std::string& source, std::string stage,
                     std::uint64_t digest)
    : mark_(&guard, source + "/" + stage),
      stage_(std::move(stage)),
      careful_(guard.suspects(source + "/" + stage_)) {
  mark_.may_read(fmt::format("batch {:016x}", digest), INT32_MAX);
}

bool BatchMark::may_take(const Post& post, std::vector<BadItem>& bad) {
  // The first death was over the batch that held the post.
  if (careful_ && !mark_.may_read(digest_of(post), PoisonGuard::kDeaths - 1)) {
    bad.push_back({post.id, to_json(post), std::string{kPoisonPost}});
    return false;
  }
  crash_if_asked(stage_, post.text);
  return true;
}

bool may_be_urgent(const BadItem& item, const SourceConfig* source, const Watch& watch) {
  if (source != nullptr) {
    if (source->type == "imap") return true;
    if (source->type == "mastodon" && source->timeline != "hashtag") return true;
    if (source->type == "bluesky" && source->notifications) return true;
  }
  const std::string words = to_lower_ascii(item.raw);
  const auto named = [&](const std::string& handle) {
    return !handle.empty() && words.find(to_lower_ascii(handle)) != std::string::npos;
  };
  return std::ranges::any_of(watch.company.handles, named) ||
         std::ranges::any_of(watch.principals, [&](const Principal& it) {
           return named(it.name) || std::ranges::any_of(it.handles, named);
         });
}

std::uint64_t set_aside(StoreWriter& writer, const Rules& rules, Effects& effects,
                        const std::string& source, const std::vector<BadItem>& bad, Instant now) {
  if (bad.empty() || planted<29>) return 0;
  auto [items, bytes] = writer.quarantine_size(source);
  std::uint64_t fresh = 0;
  for (const BadItem& it : bad) {
    // Without an id of its own it is known by its bytes, or each poll would add it again.
    const std::string native = it.id.empty() ? "bytes " + hash128_hex(it.raw + it.reason) : it.id;
    if (!writer.quarantine({0, source, native, it.raw, it.reason, now, 1})) continue;
    ++fresh;
    bytes += it.raw.size();
    if (++items > kQuarantineItems || bytes > kQuarantineBytes) {
      throw QuarantineFull(fmt::format(
          "the quarantine of {} is full ({} items, {} bytes): nothing more is read from it until "
          "somebody replays or drops them",
          source, items - 1, bytes - it.raw.size()));
    }
    note(writer, source, it, native, now);
    if (may_be_urgent(it, rules.source(source), rules.config->watch)) {
      page_once(writer, effects, source, it);
    } else {
      effects.tell_ops(fmt::format("An item of {} cannot be read", source),
                       it.reason + ". It is kept in quarantine.",
                       fmt::format("aside/{}/{}", source, to_rfc3339(now).substr(0, 13)));
    }
  }
  return fresh;
}

}  // namespace earshot
