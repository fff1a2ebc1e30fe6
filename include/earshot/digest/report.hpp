#pragma once

/// Reports: one table of a digest's figures, as JSON for a chart or as CSV for a spreadsheet. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/digest/digest.hpp"

namespace earshot {

struct Report {
  std::string name;
  std::string title;
  std::string says;        ///< one sentence on what it shows
  std::string definition;  ///< how it is measured
  std::string unit;        ///< "s", "posts", "cases", …; "" where the columns differ
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< the first cell of a row says what it is of
  std::uint64_t n = 0;                         ///< what it was measured on
  bool too_few = false;                        ///< fewer than 20: nothing to compare
};

/// Names of all reports, in the order of a list.
const std::vector<std::string>& report_names();
/// Is it of cases alone, so that a filter can be put on it? Posts that opened no case have no team.
bool can_be_filtered(std::string_view name);
/// nullopt where no report has this name.
std::optional<Report> report_of(const Digest& digest, std::string_view name);
/// The shape of the API: x and series where the cells are numbers, columns and rows always.
std::string report_json(const Report& report, const DigestSpan& span,
                        const DigestFilter& filter = {});
/// RFC 4180. A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a
/// line end) stands behind an apostrophe.
std::string report_csv(const Report& report);
std::string csv_cell(std::string_view text);

}  // namespace earshot
