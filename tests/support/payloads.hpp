#pragma once

/// tests/fixtures/hostile/payloads.jsonl: what somebody may write to get at a page, a terminal, a
/// spreadsheet, a mail or a chat. One [kind, text] a line.

#include <string>
#include <vector>

namespace earshot {

struct Payload {
  std::string kind;  ///< html terminal log csv mail chat sql data unicode long
  std::string text;
};
const std::vector<Payload>& hostile_payloads();

}  // namespace earshot
