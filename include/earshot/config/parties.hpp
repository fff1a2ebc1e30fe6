#pragma once

/// The people and principals of a configuration as the rules of questions know them. Pure.

#include "earshot/cases/question.hpp"
#include "earshot/config/config.hpp"

namespace earshot {

/// `config` must outlive what is returned.
Parties parties_of(const Config& config);

}  // namespace earshot
