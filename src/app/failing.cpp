// Signs of failed cases in what customers write.
#include "earshot/cases/failure.hpp"

#include "follow.hpp"

namespace earshot {
namespace {

constexpr std::size_t kOthersLookedAt = 8;

std::vector<Case> others_of(StoreReader& reader, const CustomerRecord& customer, Instant since) {
  std::vector<Case> out;
  if (customer.contacts == 0) return out;  // nobody we know: the common way costs nothing
  for (const std::string& id : customer_ids(customer)) {
    for (const CaseRecord& record : reader.cases_of(id, "", since, kOthersLookedAt))
      out.push_back(load_case(record));
  }
  return out;
}

}  // namespace

void note_failures(StoreReader& reader, const JudgedPost& judged, const Matter& matter,
                   const CustomerRecord& customer, Filed& filed, Instant now,
                   const CasePolicy& policy) {
  std::vector<Failure> found;
  if (filed.kind == Filed::Kind::added && matter.same_case)
    found =
        failures_of_words(*matter.same_case, judged.post.source, judged.assessment, now, policy);
  if (filed.kind == Filed::Kind::opened)
    found = failures_of_opening(
        filed.after, others_of(reader, customer, now - policy.failed_window), now, policy);
  for (const Failure& failure : found) {
    Command command = fail_command(failure, "triage");
    if (filed.kind == Filed::Kind::opened) command.args["fresh"] = "yes";
    Applied applied = apply(filed.after, command, now, policy);
    if (!applied.ok() || applied.events.empty()) continue;
    filed.after = fold_all(std::move(filed.after), applied.events);
    filed.events.insert(filed.events.end(), applied.events.begin(), applied.events.end());
    return;  // one level up for one post, whatever it shows
  }
}

}  // namespace earshot
