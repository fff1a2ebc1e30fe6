#include "earshot/config/drafts.hpp"
#include "earshot/config/parties.hpp"
#include "party_view.hpp"
#include "views.hpp"

namespace earshot {
namespace {

void write_finding(JsonWriter& out, const LintFinding& it) {
  out.object();
  out.field("level", to_word(it.level));
  out.text_or_null("part", it.part);
  out.field("from", static_cast<std::uint64_t>(it.from));
  out.field("to", static_cast<std::uint64_t>(it.to));
  out.key("text");
  out.object();
  out.field("code", it.code);
  out.field("text", it.text);
  out.end();
  out.end();
}

}  // namespace

void write_draft(JsonWriter& out, const Draft& it, const Case& about, const Config& config) {
  const DraftBasis basis = draft_rules(config, about).basis;
  const Parties parties = parties_of(config);
  const std::string text =
      it.state == DraftState::sent ? it.text : reply_text(it.parts, basis.place);
  out.object();
  out.field("version", it.version);
  out.key("parts");
  out.object();
  out.field("truth", it.parts.truth);
  out.field("owner", it.parts.owner);
  out.field("change", it.parts.change);
  out.end();
  out.field("text", text);
  out.field("length", static_cast<std::uint64_t>(reply_length(text)));
  out.field("channel", basis.place.channel);
  out.field("limit", basis.place.limit);
  out.text_or_null("as", basis.place.as);
  out.field("sends", basis.place.sends);
  party_or_null(out, "by", it.by, parties);
  out.field("saved_at", to_rfc3339_ms(it.saved_at));
  out.key("lint");
  out.array();
  for (const LintFinding& found : check_draft(it.parts, basis, config.follow_through))
    write_finding(out, found);
  out.end_array();
  out.field("state", to_word(it.state));
  party_or_null(out, "asked", it.asked, parties);
  party_or_null(out, "approver", it.approver, parties);
  out.text_or_null("remark", it.remark);
  party_or_null(out, "sent_by", it.sent_by, parties);
  out.key("sent_at");
  if (it.sent_at)
    out.value(to_rfc3339_ms(*it.sent_at));
  else
    out.null();
  out.field("delivery", to_word(it.delivery));
  out.text_or_null("detail", it.detail);
  out.text_or_null("link", it.link);
  out.end();
}

}  // namespace earshot
