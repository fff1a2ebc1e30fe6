// Every way in x everybody who may ask x what is theirs and another team's (RELIABILITY P25): the
// table tests/golden/web/doors.txt is the test. Each cell is asked of the real handlers over the
// real daemon; a door without a row fails, and so does a cell that says nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <algorithm>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "doors_house.hpp"
#include "earshot/core/utf8.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

const std::string kTable = source_tree() + "/tests/golden/web/doors.txt";
/// none: no token. elsewhere: the admin's, sent by a page of another site. nobody: a viewer's token
/// that names no person.
constexpr std::array kAskers{"none",   "wrong",  "revoked",   "expired", "elsewhere", "service",
                             "nobody", "viewer", "responder", "auditor", "manager",   "admin"};

struct Row {
  std::string method, pattern, target, body;
  std::vector<std::string> cells;
};

std::vector<std::string> split(std::string_view text, std::string_view by) {
  std::vector<std::string> out;
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find(by, at);
    out.emplace_back(trim(text.substr(at, end == std::string_view::npos ? end : end - at)));
    if (end == std::string_view::npos) return out;
    at = end + by.size();
  }
}

std::vector<Row> table() {
  std::vector<Row> out;
  std::ifstream file{kTable};
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> parts = split(line + " ", " |");
    EXPECT_EQ(parts.size(), 4U) << line;
    if (parts.size() != 4) continue;
    const std::size_t blank = parts[0].find(' ');
    Row row{parts[0].substr(0, blank), parts[0].substr(blank + 1), parts[1], parts[2], {}};
    for (std::string& cell : split(parts[3], " "))
      if (!cell.empty()) row.cells.push_back(std::move(cell));
    out.push_back(std::move(row));
  }
  return out;
}

class DoorTable : public testing::Test {
 protected:
  /// The answer to one asker. A house that was changed is not asked again.
  WebResponse ask(const Row& row, const std::string& asker, bool own) {
    if (!house) house = std::make_unique<DoorsHouse>();
    WebRequest request;
    request.method = row.method;
    const std::string link = house->link(own);
    const auto filled = [&](std::string text) {
      for (std::size_t at; (at = text.find("$link")) != std::string::npos;)
        text.replace(at, 5, link);
      return house->named(std::move(text), own);
    };
    const std::string target = filled(row.target);
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size())
      for (const std::string& pair : split(target.substr(request.path.size() + 1), "&"))
        request.query.emplace(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
    request.body = filled(row.body);
    request.peer = "192.0.2.7";
    if (asker == "elsewhere") request.headers.emplace_back("Sec-Fetch-Site", "cross-site");
    if (asker != "none") request.headers.emplace_back("Authorization", "Bearer token-" + asker);
    WebResponse answer = row.pattern == "/api/v1/events" ? stream(std::move(request))
                                                         : house->ask(std::move(request));
    if (row.method != "GET" && (answer.status < 400 || row.pattern.starts_with("/ack")))
      house.reset();
    return answer;
  }
  WebResponse stream(WebRequest request) {
    Viewer viewer;
    auto refused = house->loop.run(house->api->may_stream(std::move(request), viewer));
    if (refused) return std::move(*refused);
    std::int64_t cursor = 0;
    return {200,
            "text/event-stream",
            house->loop.run(house->api->next_events(cursor, viewer, seconds{0})),
            {}};
  }

  std::unique_ptr<DoorsHouse> house;
};

bool is_open(const Row& row) {
  for (const ApiPath& it : open_paths())
    if (it.path == row.pattern && it.role.empty()) return true;
  return false;
}

bool any_of(const std::string& asker, std::initializer_list<const char*> list) {
  return std::ranges::find(list, asker) != list.end();
}

/// These change nothing, or what is the asker's own.
bool a_viewer_may(const Row& row) {
  return row.method == "GET" || row.pattern.ends_with("/preview") ||
         row.pattern == "/api/v1/explain" || row.pattern.starts_with("/api/v1/me/");
}

/// The status that is owed whatever the table says; 0 where the table alone says.
int owed(const Row& row, const std::string& asker) {
  if (any_of(asker, {"none", "wrong", "revoked", "expired"})) return 401;
  if (asker == "elsewhere" && row.method != "GET") return 403;
  if (asker == "service" && row.pattern != "/api/v1/posts") return 403;
  if (any_of(asker, {"viewer", "nobody", "auditor"}) && !a_viewer_may(row)) return 403;
  return 0;
}

/// What must hold whatever the table says.
void holds(const Row& row, const std::string& asker, bool own, const WebResponse& answer) {
  SCOPED_TRACE(fmt::format("{} {} {} {}", row.method, row.target, asker, own ? "own" : "other"));
  if (row.pattern != "/-/ready") {  // this daemon was not started
    EXPECT_LT(answer.status, 500) << answer.body;
  }
  if (is_open(row)) return;
  if (const int status = owed(row, asker); status != 0) {
    EXPECT_EQ(answer.status, status) << answer.body;
  }
  if (!any_of(asker, {"nobody", "viewer", "responder"})) return;
  EXPECT_EQ(answer.body.find(kSecretWord), std::string::npos) << answer.body;
  const bool names_one = (row.target + row.body).find('$') != std::string::npos;
  if (names_one && !own) {
    const bool each_for_itself = answer.status == 200 && row.pattern.ends_with("/bulk") &&
                                 answer.body.find("\"ok\":true") == std::string::npos;
    EXPECT_TRUE(answer.status >= 400 || each_for_itself) << "reaches what is another team's";
  }
}

TEST_F(DoorTable, EveryCellOfTheTableIsAsWritten) {
  const bool write = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::string written, askers;
  for (const char* asker : kAskers) askers += std::string{" "} + asker;
  int cells = 0, refused = 0;
  const std::vector<Row> rows = table();
  for (const Row& row : rows) {
    written += fmt::format("{} {} | {} | {} |", row.method, row.pattern, row.target, row.body);
    EXPECT_TRUE(write || row.cells.size() == kAskers.size()) << row.target << " has open cells";
    for (std::size_t at = 0; at < kAskers.size(); ++at) {
      const WebResponse own = ask(row, kAskers[at], true);
      const WebResponse other = ask(row, kAskers[at], false);
      holds(row, kAskers[at], true, own);
      holds(row, kAskers[at], false, other);
      const std::string got = own.status == other.status
                                  ? std::to_string(own.status)
                                  : fmt::format("{}/{}", own.status, other.status);
      const std::string want = at < row.cells.size() ? row.cells[at] : "?";
      EXPECT_TRUE(write || got == want) << row.method << " " << row.target << " " << kAskers[at]
                                        << ": " << got << ", not " << want << "\n"
                                        << own.body.substr(0, 300) << "\n"
                                        << other.body.substr(0, 300);
      written += " " + got;
      cells += 2;
      refused += (own.status >= 400) + (other.status >= 400);
    }
    written += "\n";
  }
  if (write) {
    std::ofstream{kTable} << "# METHOD PATTERN | asked for | body | status of each asker, "
                             "\"own/other team\" where they differ\n# $case and the like are of "
                             "the asker's own team and of another, $other_case always of the "
                             "other. tests/app/doors_test.cpp\n#"
                          << askers << "\n"
                          << written;
  }
  std::cout << "figure: " << cells << " cells, " << refused << " refused\n";
}

TEST_F(DoorTable, EveryDoorHasARow) {
  std::set<std::string> rows;
  for (const Row& row : table()) {
    rows.insert(row.method + " " + row.pattern);
    EXPECT_TRUE(match_path(row.pattern, row.target.substr(0, row.target.find('?')))) << row.target;
  }
  std::set<std::string> served;
  for (const ApiPath& path : api_paths()) {
    const std::string door = std::string{path.method} + " " + std::string{path.path};
    served.insert(door);
    EXPECT_TRUE(rows.contains(door)) << door << " has no row in " << kTable;
  }
  for (const std::string& row : rows) EXPECT_TRUE(served.contains(row)) << row << " is not served";
}

TEST_F(DoorTable, OnlyAViewersTokenMayStandInTheAddressOfACalendarAndNowhereElse) {
  const auto status = [&](const char* path, const char* token) {
    return ask({"GET", "", std::string{path} + "?token=token-" + token, "", {}}, "none", true)
        .status;
  };
  EXPECT_EQ(status("/api/v1/oncall/contact.ics", "viewer"), 200);
  for (const char* token : {"responder", "manager", "auditor", "admin"})
    EXPECT_EQ(status("/api/v1/oncall/contact.ics", token), 403) << token;
  for (const char* token : {"wrong", "revoked", "expired"})
    EXPECT_EQ(status("/api/v1/oncall/contact.ics", token), 401) << token;
  for (const char* path : {"/api/v1/cases", "/api/v1/oncall", "/api/v1/me"})
    EXPECT_EQ(status(path, "viewer"), 401) << path;
}

TEST_F(DoorTable, WhatTheTableDoesNotNameIsNotThere) {
  for (const char* path : {"/api/v1", "/api/v1/", "/api/v2/cases", "/api/v1/cases/c-care/told/x",
                           "/admin", "/debug", "/.env", "/api/v1/token", "/API/V1/CASES",
                           "/api/v1//cases", "/api/v1/cases/", "/api/v1/cases/../tokens"}) {
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"}) {
      Row row{method, "", path, "{}", {}};
      const int status = ask(row, "admin", true).status;
      EXPECT_TRUE(status == 404 || status == 405) << method << " " << path << ": " << status;
    }
  }
}

}  // namespace
}  // namespace earshot
