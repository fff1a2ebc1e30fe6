/// `letters:`: who reads letters that nobody chose, how many, and of what.

#include <fmt/format.h>

#include "sections.hpp"

namespace earshot::config {
namespace {

void read_reader(Section& letters, const Node& item, const std::string& path, LetterPolicy& out) {
  Section one{letters.context(), item, path};
  if (!one.ok()) return;
  LetterReader it;
  one.need("to", "a principal, a person or schedule:NAME");
  if (one.read("to", it.to)) {
    constexpr std::string_view kSchedule = "schedule:";
    Context& context = one.context();
    const Mark& mark = one.find("to")->mark;
    if (it.to.starts_with(kSchedule))
      context.refer(NameKind::schedule, it.to.substr(kSchedule.size()), mark, one.path_of("to"));
    else if (!context.is_known(NameKind::principal, it.to))
      context.refer(NameKind::person, it.to, mark, one.path_of("to"));
  }
  one.read("count", it.count, 1, 100);
  one.done();
  out.readers.push_back(std::move(it));
}

void read_strata(Section& letters, std::map<LetterFate, double>& out) {
  const Node* node = letters.find("strata");
  if (node == nullptr) return;
  Section strata{letters.context(), *node, letters.path_of("strata")};
  if (!strata.ok()) return;
  out.clear();
  double sum = 0;
  for (const LetterFate fate :
       {LetterFate::suppressed, LetterFate::dismissed, LetterFate::solved, LetterFate::open}) {
    const Node* share = strata.find(to_word(fate));
    if (share == nullptr) continue;
    out[fate] = share_of(letters.context(), *share, strata.path_of(to_word(fate))).value_or(0);
    sum += out[fate];
  }
  strata.done();
  if (sum < 0.999 || sum > 1.001)
    letters.error(node->mark, "strata",
                  fmt::format("the shares are {:.0f} %, not 100 %", sum * 100),
                  "suppressed, dismissed, solved and open share what is drawn");
}

}  // namespace

void read_letters(Context& context, const Node& node, LetterPolicy& out) {
  Section section{context, node, "letters"};
  if (!section.ok()) return;
  section.need("readers", "readers: [{to: ceo, count: 2}]");
  section.each("readers", [&](const Node& item, const std::string& path) {
    read_reader(section, item, path, out);
  });
  section.read_enum("period", out.period);
  if (const Node* zone = section.find("zone"))
    out.zone = zone_of(context, *zone, section.path_of("zone")).value_or("UTC");
  section.read("due", out.due, {hours{1}, hours{24 * 90}});
  section.read("swaps", out.swaps, 0, 100);
  read_strata(section, out.strata);
  section.done();
}

}  // namespace earshot::config
