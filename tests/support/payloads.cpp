#include "support/payloads.hpp"

#include <fstream>
#include <stdexcept>

#include "earshot/core/json.hpp"
#include "support/tree.hpp"

namespace earshot {

const std::vector<Payload>& hostile_payloads() {
  static const std::vector<Payload> all = [] {
    std::vector<Payload> out;
    std::ifstream file{source_tree() + "/tests/fixtures/hostile/payloads.jsonl"};
    for (std::string line; std::getline(file, line);) {
      const auto json = parse_json(line);
      if (!json || !json->IsArray()) throw std::runtime_error("payloads.jsonl: " + line);
      out.push_back(
          {(*json)[0].GetString(), {(*json)[1].GetString(), (*json)[1].GetStringLength()}});
    }
    return out;
  }();
  return all;
}

}  // namespace earshot
