#pragma once

/// The shapes of the API (CONSOLE 6): cases, clocks, gates, actions with reasons. Pure: the server
/// decides, a console draws.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/draft.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/cases/question.hpp"
#include "earshot/config/config.hpp"
#include "earshot/core/json.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

struct Viewer {
  std::string who;  ///< person id or token label
  std::string role = "viewer";
};

Case case_of(const CaseRecord& record);
/// Names of storms by their ids; the names of the storms that these cases are part of.
using StormNames = std::map<std::string, std::string>;
StormNames storm_names(StoreReader& reader, const std::vector<CaseRecord>& records);
void write_case_row(JsonWriter& out, const Case& it, const Config& config, const Viewer& viewer,
                    Instant now, bool whole, const std::vector<StoredPost>& posts = {},
                    const std::vector<LedgerEntry>& story = {},
                    const std::vector<OutboxRow>& told = {}, const StormNames& storms = {},
                    const std::vector<Question>& questions = {},
                    const std::string& customer_record = {},
                    const std::optional<Draft>& draft = std::nullopt);
/// The draft of a reply with what is wrong with its words (draft_view.cpp).
void write_draft(JsonWriter& out, const Draft& it, const Case& about, const Config& config);
/// A customer with its history, as far as the viewer sees its cases (api_customers.cpp).
void write_customer_record(JsonWriter& out, StoreReader& reader, const Config& config,
                           const Viewer& viewer, const CustomerRecord& record);
/// A question as the API shows it, with what the viewer may do (question_view.cpp).
void write_question(JsonWriter& out, const Question& it, const Config& config, const Viewer& viewer,
                    Instant now);
/// Script of the call-back, authority of the owner, grants, signs of failure (follow_view.cpp).
void write_follow(JsonWriter& out, const Case& it, const Config& config);
/// {"error":{code,text,field,detail,id}}
std::string problem(const std::string& code, const std::string& text, const std::string& field = {},
                    const std::string& detail_json = "{}");
std::string refusal_detail(const Refusal& refusal);

}  // namespace earshot
