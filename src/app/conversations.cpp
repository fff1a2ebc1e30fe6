// Conversations of open cases, read again: did we answer, did the customer write more, edit or take
// back? What is found goes the way of every post.
#include <algorithm>
#include <map>
#include <set>

#include "answers_seen.hpp"
#include "daemon.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {
namespace {

constexpr std::size_t kAtOnce = 60;          // conversations in one round
constexpr std::size_t kThreadPage = 500;     // open cases read at a time
constexpr Duration kBetween = seconds{1};    // so that a platform's limits are kept
constexpr Duration kLookAgain = minutes{1};  // where the configuration says never

bool has_conversations(const SourceConfig& source) {
  return source.type == "mastodon" || source.type == "bluesky";
}

struct Followed {
  std::string root;  ///< native id of the first post that its source brought
  /// Native ids of the case's posts, and when each was last edited.
  std::map<std::string, std::optional<Instant>> known;
  std::string author;  ///< id of the customer there
};

Followed followed_of(StoreReader& reader, const std::string& source, const std::string& case_id) {
  Followed out;
  for (const StoredPost& it : reader.posts_of(case_id)) {
    if (it.post.source != source) continue;
    out.known.emplace(it.post.id, it.post.updated_at);
    if (!out.root.empty() || it.post.deleted) continue;
    out.root = it.post.id;
    out.author = it.post.author.id;
  }
  return out;
}

}  // namespace

Task<Result<void>> Daemon::follow(std::string source, std::string case_id) {
  const auto made = made_.find(source);
  if (made == made_.end()) co_return Result<void>{};
  Followed it;
  auto look = [&](StoreReader& reader) { it = followed_of(reader, source, case_id); };
  co_await store_->read(look);
  if (it.root.empty()) co_return Result<void>{};
  const auto read = co_await made->second->conversation(it.root);
  if (!read) co_return read.error();
  Batch batch;
  batch.source = source;
  batch.aside = batch.follows = true;
  if (read->gone) batch.deleted.push_back(it.root);
  const std::shared_ptr<const Rules> rules = rules_;
  for (const Post& post : read->posts) {
    Post one = post;
    one.source = source;
    const auto known = it.known.find(one.id);
    if (known != it.known.end() && known->second == one.updated_at) continue;
    const bool customers = one.author.id == it.author || known != it.known.end();
    if (customers || !spokesman_of(one, *rules).empty()) batch.posts.push_back(std::move(one));
  }
  if (batch.posts.empty() && batch.deleted.empty()) co_return Result<void>{};
  const auto taken = co_await take(std::move(batch));
  if (!taken) co_return taken.error();
  if (taken->stored + taken->edited > 0 || taken->told) changed(taken->told);
  co_return Result<void>{};
}

Task<> Daemon::follow_once() {
  std::vector<std::pair<std::string, std::string>> open;  // case, source
  const std::shared_ptr<const Rules> rules = rules_;
  for (const SourceConfig& source : rules->config->sources) {
    if (!has_conversations(source)) continue;
    CaseQuery query;
    query.source = source.name;
    query.limit = kThreadPage;
    query.counted = false;
    auto look = [&](StoreReader& reader) {
      const CasePage page = reader.cases(query);
      for (const CaseRecord& it : page.items) open.emplace_back(it.id, it.source);
      query.after = page.next;
    };
    do {
      co_await store_->read(look);  // a page at a time: others wait for the reader, too
    } while (!query.after.empty());
  }
  // Round robin by id: where there are more than one round takes, none waits for ever.
  std::ranges::sort(open);
  const auto next =
      std::ranges::find_if(open, [&](const auto& it) { return it.first > followed_; });
  std::rotate(open.begin(), next, open.end());
  if (open.size() > kAtOnce) open.resize(kAtOnce);
  std::set<std::string> tired;
  for (const auto& [case_id, source] : open) {
    followed_ = case_id;
    if (room_.tight) co_return;
    if (tired.contains(source)) continue;
    const auto done = co_await follow(source, case_id);
    if (!done) {
      tired.insert(source);  // its poll tells the same, louder
      metrics_.count("earshot_conversations_failed_total");
      log(LogLevel::info, "a conversation could not be read",
          {{"source", source}, {"case", case_id}, {"why", done.error().message}});
    }
    co_await clock_->sleep_for(kBetween);
  }
}

Task<> Daemon::follow_conversations() {
  for (;;) {
    const Duration every = rules_->config->follow_through.reread;
    co_await clock_->sleep_for(every > Duration{0} ? every : kLookAgain);
    if (every > Duration{0} && rules_->config->follow_through.reread > Duration{0})
      co_await follow_once();
  }
}

}  // namespace earshot
