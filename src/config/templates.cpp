#include "templates.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "earshot/config/message_template.hpp"
#include "earshot/core/utf8.hpp"
#include "excerpt.hpp"

namespace earshot::config {
namespace {

std::string_view line_at(std::string_view text, std::size_t line) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

void read_one(const std::string& owner, const std::string& part, MessageTemplate& it,
              const std::string& directory, std::vector<Diagnostic>& out) {
  const std::string path = it.file.starts_with('/') ? it.file : directory + "/" + it.file;
  std::ifstream file{path, std::ios::binary};
  if (!file) return;  // complained of where it is named
  std::string text(kLongestTemplate + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const std::vector<TemplateMistake> mistakes = check_template(text);
  for (const TemplateMistake& mistake : mistakes) {
    Excerpt excerpt = excerpt_of(line_at(text, mistake.line), mistake.column - 1);
    out.push_back({Diagnostic::Level::error, path, mistake.line, mistake.column,
                   fmt::format("{}.templates.{}", owner, part), mistake.problem, mistake.hint,
                   std::move(excerpt.text), excerpt.caret});
  }
  if (trim(text).empty())
    out.push_back({.file = path, .path = owner, .problem = "the template is empty"});
  it.text = std::move(text);
}

}  // namespace

void load_templates(std::vector<ReceiverConfig>& receivers, const std::string& directory,
                    std::vector<Diagnostic>& out) {
  for (ReceiverConfig& receiver : receivers) {
    for (auto& [part, it] : receiver.templates) read_one(receiver.name, part, it, directory, out);
  }
}

}  // namespace earshot::config
