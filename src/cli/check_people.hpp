#pragma once

/// What a right configuration means for its people: who cannot be reached although pages go to
/// them, steps that reach nobody, strategies without anybody to choose. Pure.

#include <string>
#include <vector>

#include "earshot/config/config.hpp"

namespace earshot::cli {

struct Forecast {
  std::string path;  ///< in the configuration, such as "escalations[0]"
  std::string problem;
  std::string hint;
};

/// Does any of this person's contacts lead somewhere in this configuration?
bool can_be_told(const Person& person, const Config& config);
std::vector<Forecast> forecast_people(const Config& config);
/// Labels and values in matchers of routes and inhibitions that no case has (check_labels.cpp).
std::vector<Forecast> forecast_labels(const Config& config);

}  // namespace earshot::cli
