/// When many cases are one storm, and how many one author may open: `storms:`.

#include <fmt/format.h>

#include "sections.hpp"

namespace earshot::config {

void read_storms(Context& context, const Node& node, StormPolicy& out) {
  Section section{context, node, "storms"};
  if (!section.ok()) return;
  section.read("window", out.window, {minutes{1}, hours{1}});
  section.read("at_least", out.at_least, 0, 10'000);
  section.read("times", out.times, 1, 1'000);
  section.read("cool_down", out.cool_down, {minutes{10}, hours{24}});
  section.read("author_cases", out.author_cases, 0, 1'000);
  section.read("author_window", out.author_window, {minutes{1}, hours{24}});
  if (const Node* least = section.find("at_least"); least != nullptr && out.at_least == 1)
    section.error(least->mark, "at_least", "one customer is no storm",
                  "write 0 for no storms at all, or 2 and more");
  section.done();
}

}  // namespace earshot::config
