#include "earshot/app/rules.hpp"

#include <algorithm>

#include "earshot/config/classifier_files.hpp"

namespace earshot {

const ReceiverConfig* Rules::receiver_of_type(std::string_view type) const {
  for (const ReceiverConfig& receiver : config->receivers) {
    if (receiver.type == type) return &receiver;
  }
  return nullptr;
}

Result<std::shared_ptr<const Rules>> make_rules(Config config) {
  auto rules = std::make_shared<Rules>();
  auto classifier = load_classifier(config.model, config.lexicon, config.watch);
  if (!classifier) return classifier.error();
  rules->classifier = std::make_unique<const Classifier>(std::move(*classifier));

  // People's mail addresses are reached by the mail section alone, without a receiver of their own.
  const auto is_mail = [](const ReceiverConfig& it) { return it.type == "email"; };
  if (!config.mail.url.empty() && std::ranges::none_of(config.receivers, is_mail)) {
    ReceiverConfig mail;
    mail.name = "mail";
    mail.type = "email";
    config.receivers.push_back(std::move(mail));
  }
  for (SourceConfig& it : config.sources) {
    it.network.allow.insert(it.network.allow.end(), config.network.allow.begin(),
                            config.network.allow.end());
    it.network.insecure_http |= config.network.insecure_http;
  }
  for (ReceiverConfig& it : config.receivers) {
    it.network.allow.insert(it.network.allow.end(), config.network.allow.begin(),
                            config.network.allow.end());
    it.network.insecure_http |= config.network.insecure_http;
  }
  config.mail.network.allow.insert(config.mail.network.allow.end(), config.network.allow.begin(),
                                   config.network.allow.end());
  config.mail.network.insecure_http |= config.network.insecure_http;

  auto kept = std::make_shared<const Config>(std::move(config));
  rules->config = kept;
  for (const Person& it : kept->people) rules->people.emplace(it.id, &it);
  for (const Schedule& it : kept->schedules) rules->schedules.emplace(it.name, &it);
  for (const EscalationPolicy& it : kept->escalations) rules->escalations.emplace(it.name, &it);
  for (const ReceiverConfig& it : kept->receivers) rules->receivers.emplace(it.name, &it);
  for (const SourceConfig& it : kept->sources) rules->sources.emplace(it.name, &it);
  for (const Principal& it : kept->watch.principals) rules->principals.emplace(it.id, &it);
  return std::shared_ptr<const Rules>{std::move(rules)};
}

}  // namespace earshot
