#pragma once

/// The addresses that nobody may be led to, and those that must be reached: tests/fixtures/network.
/// One JSON array a line: refused [url, what the configuration says of it: refused, warned, or
/// connect where only the connect can know]; passes [url, allowed ranges, what its name resolves
/// to]. "{}" stands for the port of a server that would answer on 127.0.0.1.

#include <string>
#include <vector>

namespace earshot {

struct AddressVector {
  std::string url;
  std::string config;
  std::vector<std::string> allow;
  std::vector<std::string> answers;
};

std::vector<AddressVector> address_vectors(const std::string& name);

}  // namespace earshot
