#include "support/address_vectors.hpp"

#include <fstream>
#include <stdexcept>

#include "earshot/core/json.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

std::vector<std::string> texts(const JsonValue& list) {
  std::vector<std::string> out;
  for (const JsonValue& it : list.GetArray())
    out.emplace_back(it.GetString(), it.GetStringLength());
  return out;
}

}  // namespace

std::vector<AddressVector> address_vectors(const std::string& name) {
  std::vector<AddressVector> out;
  std::ifstream file{source_tree() + "/tests/fixtures/network/" + name + ".jsonl"};
  for (std::string line; std::getline(file, line);) {
    const auto json = parse_json(line);
    if (!json || !json->IsArray()) throw std::runtime_error(name + ": " + line);
    AddressVector it;
    it.url = {(*json)[0].GetString(), (*json)[0].GetStringLength()};
    if ((*json)[1].IsString()) it.config = (*json)[1].GetString();
    if ((*json)[1].IsArray()) it.allow = texts((*json)[1]), it.answers = texts((*json)[2]);
    out.push_back(std::move(it));
  }
  return out;
}

}  // namespace earshot
