#include "judging.hpp"

#include "configured.hpp"
#include "earshot/config/classifier_files.hpp"

namespace earshot::cli {

namespace {
Config config_of(const Args& args) {
  const auto path = args.value("config");
  return path ? load_for_question({*path}) : Config{};
}
}  // namespace

Classifier judging_with(const Args& args, const std::string& model) {
  const Config config = config_of(args);
  auto made = load_classifier(model.empty() ? args.value_or("model", config.model) : model,
                              args.value_or("lexicon", config.lexicon), config.watch);
  if (!made) throw Failure(kNo, made.error().message);
  return std::move(*made);
}

TrainWith training_with(const Args& args) {
  const Config config = config_of(args);
  auto lexicon = load_lexicon(args.value_or("lexicon", config.lexicon));
  if (!lexicon) throw Failure(kNo, lexicon.error().message);
  return {std::move(*lexicon), config.watch};
}

}  // namespace earshot::cli
