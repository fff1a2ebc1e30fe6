#pragma once

/// Rules: one configuration, ready to decide with. Built whole before anything in force is touched
/// (P12), then swapped; whoever holds it keeps deciding by it.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "earshot/classify/classifier.hpp"
#include "earshot/config/config.hpp"
#include "earshot/core/result.hpp"
#include "earshot/route/tree.hpp"

namespace earshot {

struct Rules {
  std::shared_ptr<const Config> config;  // shared with the web room, which shows it
  std::unique_ptr<const Classifier> classifier;
  std::map<std::string, const Person*, std::less<>> people;
  std::map<std::string, const Schedule*, std::less<>> schedules;
  std::map<std::string, const EscalationPolicy*, std::less<>> escalations;
  std::map<std::string, const ReceiverConfig*, std::less<>> receivers;
  std::map<std::string, const SourceConfig*, std::less<>> sources;
  std::map<std::string, const Principal*, std::less<>> principals;

  const Person* person(std::string_view id) const { return at(people, id); }
  const EscalationPolicy* escalation(std::string_view name) const { return at(escalations, name); }
  const ReceiverConfig* receiver(std::string_view name) const { return at(receivers, name); }
  const SourceConfig* source(std::string_view name) const { return at(sources, name); }
  const Principal* principal(std::string_view id) const { return at(principals, id); }
  /// The first receiver of this type; nullptr where there is none.
  const ReceiverConfig* receiver_of_type(std::string_view type) const;

 private:
  template <class T>
  static const T* at(const std::map<std::string, const T*, std::less<>>& map,
                     std::string_view key) {
    const auto it = map.find(key);
    return it == map.end() ? nullptr : it->second;
  }
};

/// An Error says which file (model, lexicon) cannot be used and why.
Result<std::shared_ptr<const Rules>> make_rules(Config config);

}  // namespace earshot
