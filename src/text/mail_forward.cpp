// What a forward tells of its original, and where the words of a mail end and its sign-off begins.

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "earshot/core/utf8.hpp"
#include "earshot/text/mail_text.hpp"
#include "mail_line_words.hpp"
#include "mail_lines.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostLines = 400;    // looked through for a header block
constexpr std::size_t kSignOffLines = 14;  // below a formula or a name: more is no signature
constexpr std::size_t kLongestFormula = 60;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < 20'000) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Lower case for ASCII and the letters of Latin-1 and Cyrillic that begin these words.
std::string lower_letters(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text, at);
    at += c.length;
    char32_t v = c.value;
    if (v < 0x80) {
      v = v >= 'A' && v <= 'Z' ? v + 32 : v;
    } else if ((v >= 0xC0 && v <= 0xDE && v != 0xD7) || (v >= 0x410 && v <= 0x42F)) {
      v += 32;
    } else if (v == 0x15A || v == 0x160) {
      v += 1;
    } else if (v == 0xA0 || v == 0x202F || v == 0x3000) {
      v = ' ';
    }
    append_utf8(out, v);
  }
  return collapse_space(out);
}

/// The first address of a line: "Ann <ann@example.org>", "[mailto:ann@example.org]".
std::string address_in(std::string_view line) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"._%+-'"}.find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  for (std::size_t at = line.find('@'); at != std::string_view::npos; at = line.find('@', at + 1)) {
    std::size_t from = at;
    while (from > 0 && plain(line[from - 1])) --from;
    std::size_t end = at + 1;
    while (end < line.size() && plain(line[end]) && line[end] != '\'') ++end;
    while (end > at + 1 && line[end - 1] == '.') --end;
    const std::string_view host = line.substr(at + 1, end - at - 1);
    if (from < at && host.find('.') != std::string_view::npos)
      return to_lower_ascii(line.substr(from, end - from));
  }
  return {};
}

/// Without quote marks and the stars of text made from bold markup.
std::string_view bare(std::string_view line) {
  line = trim(line);
  while (!line.empty() && (line.front() == '>' || line.front() == '*' || line.front() == '|'))
    line = trim(line.substr(1));
  return line;
}

struct Field {
  unsigned kind = 0;
  std::string_view value;
};

Field field_of(std::string_view line) {
  line = bare(line);
  const std::size_t narrow = line.substr(0, 48).find(':');
  const std::size_t wide = line.substr(0, 48).find("：");
  const std::size_t colon = std::min(narrow, wide);
  if (colon == std::string_view::npos || colon == 0) return {};
  std::string name = lower_letters(line.substr(0, colon));
  while (name.ends_with('*') || name.ends_with(' ')) name.pop_back();
  std::string_view value = line.substr(colon + (colon == narrow ? 1 : 3));
  while (value.starts_with('*')) value.remove_prefix(1);
  for (const detail::FieldName& known : detail::kFields) {
    if (known.name == name) return {known.field, trim(value)};
  }
  return {};
}

/// A block is From with Subject or a date within a few lines.
bool read_block(std::span<const std::string_view> lines, ForwardedHead& out) {
  ForwardedHead found;
  bool from = false;
  bool other = false;
  std::size_t loose = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 16) && loose < 3; ++i) {
    const Field field = field_of(lines[i]);
    if (field.kind == 0) {
      // A value may stand on the next line.
      if (from && found.address.empty()) found.address = address_in(lines[i]);
      ++loose;
      continue;
    }
    loose = 0;
    if ((field.kind & detail::kFrom) != 0 && !from) {
      from = true;
      found.from = collapse_space(field.value);
      found.address = address_in(field.value);
    } else if ((field.kind & detail::kSubject) != 0) {
      other = true;
      if (found.subject.empty()) found.subject = collapse_space(field.value);
    } else if ((field.kind & detail::kDate) != 0) {
      other = true;
    }
  }
  if (from && other) out = std::move(found);
  return from && other;
}

constexpr std::array kFormulas{"best regards",
                               "kind regards",
                               "warm regards",
                               "regards",
                               "best wishes",
                               "cheers",
                               "all the best",
                               "yours sincerely",
                               "yours faithfully",
                               "sincerely",
                               "br",
                               "best",
                               "rgds",
                               "kr",
                               "many thanks",
                               "thanks and regards",
                               "mit freundlichen grüßen",
                               "mit freundlichen grüssen",
                               "freundliche grüße",
                               "freundliche grüsse",
                               "viele grüße",
                               "viele grüsse",
                               "beste grüße",
                               "beste grüsse",
                               "mit besten grüßen",
                               "liebe grüße",
                               "schöne grüße",
                               "herzliche grüße",
                               "grüße",
                               "gruß",
                               "mfg",
                               "vg",
                               "lg",
                               "bg",
                               "cordialement",
                               "bien cordialement",
                               "bien à vous",
                               "cdt",
                               "cdlt",
                               "bonne journée",
                               "sincères salutations",
                               "meilleures salutations",
                               "saludos",
                               "un saludo",
                               "saludos cordiales",
                               "atentamente",
                               "un cordial saludo",
                               "cordiali saluti",
                               "distinti saluti",
                               "saluti",
                               "un saluto",
                               "met vriendelijke groet",
                               "met vriendelijke groeten",
                               "vriendelijke groet",
                               "groeten",
                               "groet",
                               "mvg",
                               "hartelijke groet",
                               "atenciosamente",
                               "cumprimentos",
                               "com os melhores cumprimentos",
                               "abraço",
                               "pozdrawiam",
                               "z poważaniem",
                               "med vänliga hälsningar",
                               "vänliga hälsningar",
                               "hälsningar",
                               "mvh",
                               "med venlig hilsen",
                               "venlig hilsen",
                               "med vennlig hilsen",
                               "vennlig hilsen",
                               "terveisin",
                               "ystävällisin terveisin",
                               "saygılarımla",
                               "i̇yi çalışmalar",
                               "iyi çalışmalar",
                               "с уважением",
                               "よろしくお願いします",
                               "よろしくお願いいたします",
                               "よろしくお願い致します"};

bool is_formula(std::string_view line) {
  if (line.size() > kLongestFormula) return false;
  std::string text = lower_letters(line);
  while (!text.empty() && std::string_view{",.!;-"}.find(text.back()) != std::string_view::npos)
    text.pop_back();
  if (text.ends_with("。") || text.ends_with("、") || text.ends_with("，"))
    text.resize(text.size() - 3);
  return std::ranges::any_of(kFormulas, [&](std::string_view known) {
    if (text == known) return true;
    // "Viele Grüße aus Berlin", "Best regards, Kim"
    return known.size() >= 8 && text.starts_with(known) &&
           (text[known.size()] == ' ' || text[known.size()] == ',') &&
           text.size() <= known.size() + 28;
  });
}

/// "[cid:image001.png@01DC5E]", "[image: logo]": where the picture of a signature was.
bool is_picture(std::string_view line) {
  const std::string_view all = trim(line);
  const std::string_view inner = all.substr(std::min<std::size_t>(1, all.size()));
  return all.ends_with(']') && inner.find('[') == std::string_view::npos &&
         (all.starts_with("[cid:") || all.starts_with("[image: "));
}

/// "Kim Park", "Kim", "- Kim", "K. Park", "Kim Park | Head of care": the sender's own name, and
/// nothing else but what a bar sets apart.
bool is_name(std::string_view line, const std::vector<std::string>& names) {
  std::string text = lower_letters(line);
  for (const std::string_view bar : {" | ", " • ", " · ", " || "})
    text.resize(std::min(text.find(bar), text.size()));
  while (!text.empty() && (text.front() == '-' || text.front() == ' ' || text.front() == '/'))
    text.erase(0, 1);
  while (!text.empty() && (text.back() == ',' || text.back() == '.' || text.back() == '!'))
    text.pop_back();
  return std::ranges::find(names, text) != names.end();
}

std::vector<std::string> names_of(std::string_view sender) {
  std::string whole = lower_letters(sender);
  if (const std::size_t comma = whole.find(", "); comma != std::string::npos)  // "Park, Kim"
    whole = whole.substr(comma + 2) + " " + whole.substr(0, comma);
  if (const std::size_t bracket = whole.find(" ("); bracket != std::string::npos)
    whole.resize(bracket);
  if (whole.size() < 2 || whole.find('@') != std::string::npos) return {};
  std::vector<std::string> out{whole};
  const std::size_t blank = whole.find(' ');
  if (blank != std::string::npos && blank >= 2 && whole[blank - 1] != '.')
    out.push_back(whole.substr(0, blank));
  return out;
}

/// What programs write between the words and what is forwarded, where the markup took the quote
/// away.
bool is_trailer(std::string_view line) {
  return line.empty() || line == "--" || detail::is_device_signature(line) ||
         detail::is_forward_intro(line) || detail::is_original_rule(line) ||
         (line.size() > 8 && line.starts_with("---") && line.ends_with("---"));
}

}  // namespace

std::string without_trailers(std::string_view text) {
  std::vector<std::string_view> lines = lines_of(text);
  while (!lines.empty() && is_trailer(trim(lines.back()))) lines.pop_back();
  std::string out;
  for (const std::string_view line : lines) out.append(line).append("\n");
  return std::string{trim(out)};
}

ForwardedHead forwarded_head(std::string_view quoted) {
  const std::vector<std::string_view> lines = lines_of(quoted);
  ForwardedHead out;
  for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) {
    const Field field = field_of(lines[i]);
    const auto offset = static_cast<std::size_t>(lines[i].data() - quoted.data());
    if (field.kind != 0 && read_block(std::span{lines}.subspan(i), out)) {
      out.at = offset;
      return out;
    }
    // An attribution may wrap over three lines.
    std::string joined{bare(lines[i])};
    for (std::size_t more = 0; more < 3 && i + more < lines.size(); ++more) {
      if (more > 0) joined += " " + std::string{bare(lines[i + more])};
      const detail::Attribution found = detail::attribution(joined);
      if (!found.shape || !found.address) continue;
      out.from = collapse_space(joined);
      out.address = address_in(joined);
      out.at = offset;
      return out;
    }
  }
  return out;
}

std::string without_sign_off(std::string_view words, std::string_view sender) {
  std::vector<std::string_view> lines = lines_of(words);
  while (!lines.empty() && is_trailer(trim(lines.back()))) lines.pop_back();
  const std::vector<std::string> names = names_of(sender);
  std::size_t filled = 0;
  std::size_t cut = lines.size();
  for (std::size_t i = lines.size(); i-- > 0 && filled <= kSignOffLines;) {
    if (trim(lines[i]).empty()) continue;
    ++filled;
    if (is_formula(trim(lines[i])) || is_name(lines[i], names)) cut = i;
  }
  std::size_t end = cut;
  for (std::size_t i = cut; i-- > 0 && (trim(lines[i]).empty() || is_picture(lines[i]));)
    if (is_picture(lines[i])) end = i;
  std::string out;
  for (std::size_t i = 0; i < end; ++i) out.append(lines[i]).append("\n");
  for (bool below = false; cut < lines.size(); ++cut) {
    const std::string start = lower_letters(lines[cut].substr(0, 5));
    below =
        below || start.starts_with("ps:") || start.starts_with("p.s.") || start.starts_with("ps ");
    if (below) out.append(lines[cut]).append("\n");
  }
  return std::string{trim(out)};
}

}  // namespace earshot
