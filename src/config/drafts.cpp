#include "earshot/config/drafts.hpp"

#include <algorithm>

namespace earshot {
namespace {

void add_names(std::vector<std::string>& out, const std::string& name) {
  if (name.empty()) return;
  out.push_back(name);
  if (const std::size_t blank = name.find(' '); blank != std::string::npos && blank > 2)
    out.push_back(name.substr(0, blank));  // "M." names nobody
}

DraftPlace place_of(const Config& config, const Case& about) {
  DraftPlace out;
  out.is_public = about.is_public;
  const ReplyWay* way = reply_way(config, about);
  if (way == nullptr) {
    out.channel = to_word(about.channel);
    return out;
  }
  out.channel = way->type == "imap" ? "email" : way->type;
  out.as = way->as;
  out.sends = true;
  out.limit = way->limit;
  if (way->type == "mastodon" && !about.customer_handle.empty())
    out.mention = "@" + about.customer_handle;  // it must stand in the words
  return out;
}

/// The owner's manager, else the lead of the team; of the configured approvers the first.
std::string usual_approver(const Config& config, const Case& about) {
  const auto& approvers = config.replies.approvers;
  const auto may = [&](const std::string& id) {
    return !id.empty() && id != about.owner &&
           (approvers.empty() || std::ranges::find(approvers, id) != approvers.end());
  };
  for (const Person& it : config.people) {
    if (it.id == about.owner && may(it.manager)) return it.manager;
  }
  for (const Team& it : config.teams) {
    if (it.name == about.team && may(it.lead)) return it.lead;
  }
  for (const std::string& id : approvers) {
    if (may(id)) return id;
  }
  return {};
}

}  // namespace

const ReplyWay* reply_way(const Config& config, const Case& about) {
  for (const ReplyWay& it : config.replies.ways) {
    if (it.source == about.source) return &it;
  }
  return nullptr;
}

DraftRules draft_rules(const Config& config, const Case& about) {
  DraftRules out;
  out.basis.place = place_of(config, about);
  out.basis.owner = about.owner;
  for (const Person& it : config.people) {
    out.people.push_back(it.id);
    add_names(out.basis.names, it.name.empty() ? it.id : it.name);
  }
  for (const Principal& it : config.watch.principals) {
    add_names(out.basis.names, it.name);
    std::ranges::copy(it.mail, std::back_inserter(out.basis.addresses));
  }
  const auto& official = config.watch.company.official;
  if (const auto mail = official.find("mail"); mail != official.end())
    std::ranges::copy(mail->second, std::back_inserter(out.basis.addresses));
  for (const ReplyWay& it : config.replies.ways) out.basis.addresses.push_back(it.as);
  for (const Grant& it : about.grants) out.basis.granted.push_back(it.amount);
  out.approvers = config.replies.approvers;
  out.usual_approver = usual_approver(config, about);
  return out;
}

}  // namespace earshot
