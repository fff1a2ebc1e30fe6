#include "command.hpp"
#include "earshot/text/entities.hpp"

namespace earshot::cli {

std::string_view help_text() {
  return "usage: earshot text [FILE]\n"
         "Reads {\"text\":…} lines and prints mentions, hashtags, cashtags and links of each as "
         "JSON, in order.\n"
         "FILE is \"-\" or left out for standard input. A bad line gives {\"error\",\"line\"} in "
         "its place, and exit 1 at the end.\n";
}

int run_text(std::span<const std::string> words) {
  const Args args{words, {"json"}};
  return each_json_line(
      args.one("FILE", true), [](const JsonValue& line, std::size_t) -> Result<void> {
        const JsonValue* text = line.IsObject() ? find(line, "text") : nullptr;
        if (text == nullptr || !text->IsString())
          return permanent("the line is no object with a \"text\"");
        const Entities found = extract_entities({text->GetString(), text->GetStringLength()});
        JsonWriter out;
        out.object();
        out.field("mentions", found.mentions);
        out.field("hashtags", found.hashtags);
        out.field("cashtags", found.cashtags);
        out.field("links", found.links);
        out.end();
        print_line(out.take());
        return {};
      });
}

}  // namespace earshot::cli
