#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "earshot/config/load.hpp"
#include "world.hpp"

namespace earshot::sim {

std::string house_text() {
  static const std::string text = [] {
    std::ifstream file{std::string{EARSHOT_SOURCE_DIR} + "/tests/sim/house.yaml"};
    std::stringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
  }();
  return text;
}

std::shared_ptr<const Rules> house_rules(const std::string& folder) {
  for (const char* name : {"sms-jo", "sms-kim", "sms-ana", "chat"}) {
    const std::string path = folder + "/" + name + ".url";
    std::ofstream{path} << "https://" << name << ".sim/hook\n";
    ::chmod(path.c_str(), 0600);
  }
  return rules_of(house_text(), folder);
}

std::shared_ptr<const Rules> rules_of(const std::string& text, const std::string& folder) {
  static std::map<std::string, std::shared_ptr<const Rules>> known;
  std::shared_ptr<const Rules>& it = known[text];
  if (it) return it;
  const ConfigText file{"house.yaml", text};
  Loaded loaded = parse_config({&file, 1}, folder);
  if (!loaded.config) throw std::runtime_error("house.yaml: " + render(loaded.diagnostics));
  auto rules = make_rules(std::move(*loaded.config));
  if (!rules) throw std::runtime_error(rules.error().message);
  return it = *rules;
}

}  // namespace earshot::sim
