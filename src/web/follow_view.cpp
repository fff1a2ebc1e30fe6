#include "earshot/cases/authority.hpp"
#include "earshot/cases/verification.hpp"
#include "views.hpp"

namespace earshot {

void write_follow(JsonWriter& out, const Case& it, const Config& config) {
  out.key("call_script");
  out.array();
  if (it.state == CaseState::verifying && it.verification_needed) {
    for (const std::string& line : call_script(it)) out.value(line);
  }
  out.end_array();
  out.key("authority");
  out.array();
  for (const Allowance& allowance : authority_of(config.follow_through, it.owner)) {
    out.object();
    out.field("kind", allowance.kind);
    out.field("up_to", allowance.up_to);
    out.end();
  }
  out.end_array();
  out.key("grants");
  out.array();
  for (const Grant& grant : it.grants) {
    out.object();
    out.field("kind", grant.kind);
    out.field("amount", grant.amount);
    out.text_or_null("limit", grant.limit);
    out.field("beyond", grant.beyond);
    out.text_or_null("reason", grant.reason);
    out.field("by", grant.by);
    out.field("at", to_rfc3339_ms(grant.at));
    out.end();
  }
  out.end_array();
  out.field("level", it.level);
  out.field("failures", it.failures);
}

}  // namespace earshot
