#pragma once

/// Who may do what to whose cases: one table of `door x role x own/other` (RELIABILITY 4.2, P25).
/// The server asks it before any handler runs, and the same table written out is the test
/// (tests/golden/web/access.txt). Pure.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/config/config.hpp"
#include "earshot/core/words.hpp"
#include "earshot/store/store.hpp"
#include "views.hpp"

namespace earshot {

/// What a door shows or changes. nothing: no case. list: those within reach, narrowed by the store.
/// one: the case its path names first; checked before the handler. many: the handler checks each.
/// all: of the whole house, so only for roles that see everything.
EARSHOT_ENUM(Touches, nothing, list, one, many, all);

/// From weakest to strongest for acting; auditor reads everything; service pushes posts only.
/// `needed`: viewer responder manager admin push audit.
bool role_may(const std::string& role, const std::string& needed);

/// A manager or an admin: they answer for everybody.
bool is_operator(const Viewer& viewer);

/// The least role an action on a case needs: a legal hold is a manager's word.
std::string role_for(Action action);

/// May this role pass a door for a case of its own team, and for one of another team?
struct Reach {
  bool own = false;
  bool other = false;
};
Reach reach_of(const std::string& role, std::string_view method, std::string_view needed,
               Touches touches);

/// The teams of a person: those they belong to or lead, and those in which somebody they manage
/// (at whatever distance) does.
std::vector<std::string> teams_of(const Config& config, std::string_view person);

/// What the store may show this viewer. Empty where the role sees everything or no team is
/// declared.
CaseScope scope_of(const Config& config, const Viewer& viewer);

/// Is it the viewer's own: of a team of theirs or of none, owned by them, or were they told or
/// asked to help?
bool is_own(const Config& config, const Viewer& viewer, const CaseRecord& record, bool told);

}  // namespace earshot
