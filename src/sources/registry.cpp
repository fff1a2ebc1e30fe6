#include "earshot/sources/registry.hpp"

#include "make.hpp"

namespace earshot {

Result<std::unique_ptr<Source>> make_source(const SourceConfig& config, const SourceTools& tools) {
  std::unique_ptr<Source> made;
  if (config.type == "push") return made;
  static_cast<void>(tools);
#define SOURCE(word, summary) \
  if (config.type == #word) made = make_##word(config, tools);
#include "sources.def"
#undef SOURCE
  if (!made)
    return permanent("source " + config.name + ": no source has the type \"" + config.type + "\"");
  if (const Result<void> read = made->reread_secrets(); !read)
    return read.error().in("source " + config.name);
  return made;
}

}  // namespace earshot
