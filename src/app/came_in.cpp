#include "came_in.hpp"

#include <algorithm>

#include "earshot/core/json.hpp"
#include "filing.hpp"

namespace earshot {

std::string_view rule_of(const Post& post, const Assessment& assessment, const Decision& decision) {
  if (post.automatic != Automatic::none) return "machine_mail";
  if (decision.urgency > Urgency::ignore) return "nothing_new";
  // Symbols are named by the rules of the house; those that we know of have a name that stays.
  const bool rival = std::ranges::any_of(decision.symbols, [](const Symbol& it) {
    return it.name == "about_rival" && it.ceiling == Urgency::ignore;
  });
  if (rival) return "about_rival";
  return assessment.is_complaint ? "too_few_points" : "not_a_complaint";
}

void CameIn::add(Runs& runs, std::string_view key, std::int64_t post) {
  std::vector<Run>& list = runs[std::string{key}];
  if (!list.empty() && list.back().last + 1 == post)
    list.back().last = post;
  else
    list.push_back({post, post});
}

void CameIn::aside(std::int64_t post, std::string_view rule) {
  add(aside_, rule, post);
}

void CameIn::with(std::int64_t post, const std::string& case_id) {
  if (case_id.empty())
    add(aside_, "reply", post);  // of ours, on no case that is known
  else
    add(cases_, case_id, post);
}

void CameIn::filed(const FiledPost& post) {
  if (post.seq == 0) return;
  if (post.known) {
    if (post.case_id != post.had_case) moved_.push_back({post.seq, post.had_case, post.case_id});
  } else if (post.case_id.empty()) {
    aside(post.seq, post.rule);
  } else {
    with(post.seq, post.case_id);
  }
}

void CameIn::write(JsonWriter& out, std::string_view name, const Runs& runs) {
  out.key(name);
  out.object();
  for (const auto& [key, list] : runs) {
    out.key(key);
    out.array();
    for (const Run& run : list) {
      out.array();
      out.value(run.first);
      out.value(run.last);
      out.end_array();
    }
    out.end_array();
  }
  out.end();
}

void CameIn::note(StoreWriter& writer, const std::string& source, Instant now) const {
  if (aside_.empty() && cases_.empty() && moved_.empty()) return;
  JsonWriter out;
  out.object();
  out.field("source", source);
  write(out, "aside", aside_);
  write(out, "cases", cases_);
  out.key("moved");
  out.array();
  for (const Moved& it : moved_) {
    out.object();
    out.field("post", it.post);
    out.field("from", it.from);
    out.field("into", it.into);
    out.end();
  }
  out.end_array();
  out.end();
  writer.append_ledger({0, now, "intake", "came_in", "", out.take(), ""});
}

}  // namespace earshot
