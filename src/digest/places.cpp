#include "places.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/json.hpp"

namespace earshot {
namespace {

/// Calls `each(first, last)` for every [first, last] of a list.
template <class Each>
void each_run(const JsonValue& list, const Each& each) {
  if (!list.IsArray()) return;
  for (const JsonValue& run : list.GetArray()) {
    if (!run.IsArray() || run.Size() != 2 || !run[0].IsInt64() || !run[1].IsInt64()) continue;
    if (run[1].GetInt64() >= run[0].GetInt64()) each(run[0].GetInt64(), run[1].GetInt64());
  }
}

std::string name_of(const JsonValue& name) {
  return {name.GetString(), name.GetStringLength()};
}

std::uint64_t length(std::int64_t first, std::int64_t last) {
  return static_cast<std::uint64_t>(last - first) + 1;
}

/// What stands in the way of the post of a case, or where it has come to.
DigestItem standing(const DigestCase& of, bool first) {
  const Case& it = of.it;
  DigestItem out;
  out.case_id = it.id;
  out.case_number = it.number;
  if (it.state == CaseState::dismissed) {
    out.bucket = DigestBucket::person;
    std::string why = it.dismissal;
    std::ranges::replace(why, '_', ' ');
    out.key = fmt::format("{}, dismissed: {}", of.ended_by, why);
  } else if (it.state == CaseState::merged || !first || it.grouped) {
    out.bucket = DigestBucket::grouped;
    out.key = it.state == CaseState::merged ? "merged into another case"
              : !first                      ? "with another post of its case"
                                            : "in a storm";
  } else if (it.ended()) {
    out.bucket = DigestBucket::shown;
  } else if (it.state == CaseState::open && !of.quiet_by.empty()) {
    const bool silence = of.quiet_by.starts_with("silence/");
    out.bucket = silence ? DigestBucket::person : DigestBucket::rule;
    out.key = silence                                  ? of.quiet_why
              : of.quiet_by.starts_with("inhibition/") ? "inhibited"
                                                       : "muted";
  }
  return out;
}

std::vector<Counted> sorted(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<Counted> out;
  out.reserve(counts.size());
  for (const auto& [key, n] : counts) out.push_back({key, n});
  std::ranges::stable_sort(out, [](const Counted& a, const Counted& b) { return a.n > b.n; });
  return out;
}

}  // namespace

void Places::take(const Fact& fact) {
  const auto read = parse_json(fact.data);
  if (!read) return;
  if (const JsonValue* aside = find(*read, "aside"); aside != nullptr && aside->IsObject()) {
    for (const auto& member : aside->GetObject()) {
      each_run(member.value, [&](std::int64_t first, std::int64_t last) {
        aside_.push_back({first, last, name_of(member.name)});
        in_ += length(first, last);
      });
    }
  }
  if (const JsonValue* cases = find(*read, "cases"); cases != nullptr && cases->IsObject()) {
    for (const auto& member : cases->GetObject()) {
      std::vector<std::int64_t>& posts = cases_[name_of(member.name)].posts;
      each_run(member.value, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t post = first; post <= last; ++post) posts.push_back(post);
        in_ += length(first, last);
      });
    }
  }
  const JsonValue* moved = find(*read, "moved");
  if (moved == nullptr || !moved->IsArray()) return;
  for (const JsonValue& it : moved->GetArray())
    move(integer_at(it, "post").value_or(0), std::string{string_at(it, "from")},
         std::string{string_at(it, "into")});
}

/// True where the post is one of the period's.
bool Places::leave(std::int64_t post, const std::string& from) {
  if (!from.empty()) return std::erase(cases_[from].posts, post) > 0;
  const bool ours = std::ranges::any_of(
      aside_, [&](const Run& run) { return run.first <= post && post <= run.last; });
  return ours && moved_out_.insert(post).second;
}

void Places::move(std::int64_t post, const std::string& from, const std::string& into) {
  DigestCase& there = cases_[into];
  if (leave(post, from)) {
    there.posts.push_back(post);
    return;
  }
  ++moved_;
  there.before = std::min(there.before, post);
}

void Places::merge(const std::string& from, const std::string& into) {
  DigestCase& there = cases_[into];
  DigestCase& gone = cases_[from];
  there.posts.insert(there.posts.end(), gone.posts.begin(), gone.posts.end());
  there.before = std::min(there.before, gone.before);
  there.earlier = there.earlier || gone.earlier;
  gone.posts.clear();
}

void Places::count_aside(Digest& out) const {
  const auto add = [&](std::int64_t first, std::int64_t last, const std::string& rule) {
    if (first > last) return;
    DigestItem item;
    item.bucket = DigestBucket::rule;
    item.first_post = first;
    item.last_post = last;
    item.key = rule;
    out.items.push_back(std::move(item));
  };
  for (const Run& run : aside_) {
    std::int64_t from = run.first;
    for (auto gone = moved_out_.lower_bound(run.first);
         gone != moved_out_.end() && *gone <= run.last; ++gone) {
      add(from, *gone - 1, run.rule);
      from = *gone + 1;
    }
    add(from, run.last, run.rule);
  }
}

void Places::count(Digest& out) const {
  out.in = in_;
  out.moved = moved_;
  count_aside(out);
  for (const auto& [id, of] : cases_) {
    std::vector<std::int64_t> posts = of.posts;
    std::ranges::sort(posts);
    for (const std::int64_t post : posts) {
      const bool first = post == posts.front() && !of.earlier && post < of.before;
      DigestItem item = standing(of, first);
      item.case_id = id;
      item.first_post = item.last_post = post;
      out.items.push_back(std::move(item));
    }
  }
  std::ranges::sort(out.items, {}, &DigestItem::first_post);
  std::map<std::string, std::uint64_t> rules;
  std::map<std::string, std::uint64_t> people;
  for (const DigestItem& item : out.items) {
    const std::uint64_t n = length(item.first_post, item.last_post);
    out.buckets[static_cast<std::size_t>(item.bucket)] += n;
    if (item.bucket == DigestBucket::rule) rules[item.key] += n;
    if (item.bucket == DigestBucket::person) people[item.key] += n;
  }
  out.rules = sorted(rules);
  out.people = sorted(people);
}

}  // namespace earshot
