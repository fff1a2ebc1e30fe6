#pragma once

/// Who stands above whom, and who may take back what somebody else has set. Pure.

#include <string>
#include <string_view>

#include "earshot/config/config.hpp"

namespace earshot {

/// Is `boss` the manager of `member`, or of their manager, and so on?
bool is_above(const std::vector<Person>& people, std::string_view boss, const std::string& member);

/// Does `who` answer for `member`: above them, or the lead of a team of theirs?
bool answers_for(const Config& config, std::string_view who, const std::string& member);

/// May `who` end an override, an absence or a silence? It was set `by` somebody and, an absence, is
/// about `person` (else empty). They themselves may, whoever answers for one of them, and an
/// `operator_role` (manager or admin).
bool may_take_back(const Config& config, std::string_view who, bool operator_role,
                   const std::string& by, const std::string& person);

}  // namespace earshot
