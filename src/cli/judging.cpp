#include "judging.hpp"

#include "configured.hpp"
#include "earshot/config/classifier_files.hpp"

namespace earshot::cli {

Classifier judging_with(const Args& args) {
  Config config;
  if (const auto path = args.value("config")) config = load_for_question({*path});
  auto made = load_classifier(args.value_or("model", config.model),
                              args.value_or("lexicon", config.lexicon), config.watch);
  if (!made) throw Failure(kNo, made.error().message);
  return std::move(*made);
}

}  // namespace earshot::cli
