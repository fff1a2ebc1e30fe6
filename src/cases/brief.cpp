#include "earshot/cases/brief.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

// The fullest paragraph has exactly kBriefWords: 8 who, 4 story, 10 truth, 8 owner, 10 answer.
constexpr std::size_t kMostOfAnswer = 9;
constexpr std::size_t kMostOfTruth = 7;
constexpr std::size_t kMostOfCustomer = 3;
constexpr std::size_t kMostOfName = 2;
constexpr std::size_t kLeastOfStory = 4;

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  const std::string flat = collapse_space(printable(collapse_space(text)));
  for (std::size_t from = 0; from < flat.size();) {
    const std::size_t end = std::min(flat.find(' ', from), flat.size());
    out.push_back(flat.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

std::size_t count(std::string_view text) {
  return words_of(text).size();
}

/// At most so many words, at most 14 bytes each on average: a text without blanks is cut, too.
std::string cut(std::string_view text, std::size_t most) {
  std::vector<std::string> words = words_of(text);
  const bool longer = words.size() > most;
  words.resize(std::min(words.size(), most));
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  const std::string_view kept = cut_utf8(out, most * 14);
  const bool shorter = kept.size() < out.size();
  return std::string{kept} + (longer || shorter ? "…" : "");
}

/// " (2.1 million followers)"
std::string reach_of(const Case& it) {
  if (!it.reach || !it.is_public) return "";
  if (*it.reach >= 1'000'000)
    return fmt::format(" ({:.1f} million followers)", static_cast<double>(*it.reach) / 1e6);
  if (*it.reach >= 1000) return fmt::format(" ({} thousand followers)", *it.reach / 1000);
  return fmt::format(" ({} followers)", *it.reach);
}

std::string owner_of(const Case& it, const BriefNames& names) {
  if (!names.owner.empty()) return fmt::format("{} has it.", cut(names.owner, kMostOfName));
  if (it.ended()) return "It has ended.";
  if (names.told.empty()) return "Nobody has it yet.";
  return fmt::format("Nobody has it yet; {} was told.", cut(names.told, kMostOfName));
}

std::string proposal_of(const Case& it, const BriefNames& names, const std::string& answer) {
  if (it.answered_at) return "Answered.";
  if (!answer.empty()) return fmt::format("Proposed: \"{}\"", cut(answer, kMostOfAnswer));
  const std::string who = names.owner.empty() ? "our team" : cut(names.owner, kMostOfName);
  return names.due.empty() ? fmt::format("Proposed: say that {} answers.", who)
                           : fmt::format("Proposed: {} answers by {}.", who, names.due);
}

}  // namespace

std::string brief_of(const Case& it, const BriefNames& names, const std::string& truth,
                     const std::string& answer) {
  const std::string customer =
      cut(it.customer_name.empty() ? it.customer_handle : it.customer_name, kMostOfCustomer);
  const std::string opening = fmt::format("{}{} {}:", customer.empty() ? "Somebody" : customer,
                                          reach_of(it), it.is_public ? "in public" : "in private");
  const std::string so_far =
      truth.empty() ? "True so far: unknown." : "True so far: " + cut(truth, kMostOfTruth);
  const std::string owner = owner_of(it, names);
  const std::string proposal = proposal_of(it, names, answer);
  const std::size_t taken = count(opening) + count(so_far) + count(owner) + count(proposal);
  const std::size_t left = taken >= kBriefWords ? 0 : kBriefWords - taken;
  const std::string story =
      cut(it.excerpt.empty() ? it.title : it.excerpt, std::max(left, kLeastOfStory));
  return fmt::format("{} \"{}\" {} {} {}", opening, story, so_far, owner, proposal);
}

}  // namespace earshot
