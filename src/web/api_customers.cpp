// Customers: who they are, what was before, what was promised; merge, split and flag.
#include <algorithm>

#include "access.hpp"
#include "earshot/cases/customer.hpp"
#include "earshot/config/config.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {

constexpr std::size_t kHistory = 100;

/// What somebody promised this customer: changes of the product, and grants.
void write_promises(JsonWriter& out, const std::vector<Case>& cases) {
  out.key("promised");
  out.array();
  for (const Case& it : cases) {
    if (it.feedback && it.feedback->change_wanted) {
      out.object();
      out.field("case_number", it.number);
      out.field("text", it.feedback->change);
      out.field("by", it.feedback->by);
      out.end();
    }
    for (const Grant& grant : it.grants) {
      out.object();
      out.field("case_number", it.number);
      out.field("text", grant.kind + " of " + grant.amount);
      out.field("by", grant.by);
      out.end();
    }
  }
  out.end_array();
}

void write_history(JsonWriter& out, const std::vector<Case>& cases) {
  out.key("cases");
  out.array();
  for (const Case& it : cases) {
    out.object();
    out.field("case", it.id);
    out.field("number", it.number);
    out.field("title", it.title.empty() ? it.excerpt : it.title);
    out.field("source", it.source);
    out.field("state", to_word(it.state));
    out.field("opened_at", to_rfc3339_ms(it.opened_at));
    out.field("closed_at", it.ended_at);
    out.text_or_null("outcome", it.outcome);
    out.text_or_null("said", it.feedback ? it.feedback->said : std::string{});
    out.text_or_null("failed", it.failed);
    out.end();
  }
  out.end_array();
}

}  // namespace

void write_customer_record(JsonWriter& out, StoreReader& reader, const Config& config,
                           const Viewer& viewer, const CustomerRecord& record) {
  const Customer it{record.id, record.name, record.identities, record.contacts,
                    customer_body(record.body)};
  std::vector<Case> cases;
  for (const std::string& id : it.ids()) {
    for (const CaseRecord& one : reader.cases_of(id, "", Instant{}, kHistory)) {
      if (is_own(config, viewer, one, false)) cases.push_back(case_of(one));
    }
  }
  std::ranges::stable_sort(cases, std::ranges::greater{}, &Case::opened_at);
  out.object();
  out.field("id", it.id);
  out.field("name", it.name);
  out.field("identities", it.identities);
  out.field("contacts", it.contacts);
  out.key("body");
  out.raw(to_json(it.body));
  write_history(out, cases);
  write_promises(out, cases);
  out.end();
}

Task<WebResponse> Api::Parts::customer(WebRequest, Viewer viewer, std::vector<std::string> taken) {
  const std::shared_ptr<const Config> config = backend.config();
  JsonWriter out;
  bool found = false;
  auto look = [&](StoreReader& reader) {
    auto record = reader.customer(taken.front());
    if (!record) record = reader.customer_by_identity(taken.front());
    if (!record) return;
    // Who sees none of its cases does not see the person either.
    const bool all = viewer.role == "manager" || viewer.role == "auditor" || viewer.role == "admin";
    const Customer it{record->id, "", {}, 0, customer_body(record->body)};
    for (const std::string& id : it.ids()) {
      for (const CaseRecord& one : reader.cases_of(id, "", Instant{}, kHistory))
        found = found || is_own(*config, viewer, one, false);
    }
    found = found || all;
    if (found) write_customer_record(out, reader, *config, viewer, *record);
  };
  co_await backend.store().read(look);
  if (!found) co_return refuse(404, "no_customer", "There is no such customer.");
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::customer_act(WebRequest request, Viewer viewer,
                                           std::vector<std::string> taken) {
  DeskCommand command;
  command.what = taken[1];
  command.args.emplace("id", taken.front());
  std::string kind = "customer";
  co_return co_await desk(std::move(kind), std::move(command), std::move(viewer),
                          std::move(request));
}

}  // namespace earshot
