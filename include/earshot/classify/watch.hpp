#pragma once

/// Whom and what we watch: the `company:` and `principals:` sections of the configuration. Pure
/// data.

#include <map>
#include <string>
#include <vector>

namespace earshot {

struct Product {
  std::string name;
  std::vector<std::string> aliases;
};

struct Rival {
  std::string name;
  std::vector<std::string> aliases;
  std::vector<std::string> handles;  ///< without "@"
};

struct Company {
  std::string name;  ///< "" = nobody is watched
  std::vector<std::string> aliases;
  std::vector<std::string> handles;  ///< without "@"; matched on any platform
  std::map<std::string, std::vector<std::string>> handles_on;  ///< per source type, where given
  std::map<std::string, std::vector<std::string>>
      official;  ///< source type or "mail" -> accounts whose replies count as ours
  std::vector<Product> products;
  std::vector<Rival> rivals;
};

/// An executive to whom a complaint can be addressed.
struct Principal {
  std::string id;
  std::string name;
  std::string title;
  std::vector<std::string> handles;  ///< without "@"
  std::vector<std::string> mail;     ///< lower case
  std::vector<std::string> aliases;
  std::string delegate;  ///< person id: answers for them
  std::string aide{};    ///< person id: is told with them, and may speak for them
};

struct Watch {
  Company company;
  std::vector<Principal> principals;
};

}  // namespace earshot
