#include "person.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/customer.hpp"
#include "earshot/cases/intake.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "effects.hpp"
#include "question.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostCases = 100'000;
constexpr std::size_t kFragments = 3;  // of each post, looked for in every table
constexpr std::size_t kMostFragments = 60;
constexpr std::size_t kFragment = 24;  // bytes

bool is_post(const HeldRow& row) {
  return row.table == "post" || row.table == "post_version";
}

std::string identity_of(const HeldRow& row) {
  Post post;
  post.source = row.state;
  post.id = row.text_or("native");
  post.author.id = row.text_or("author_id");
  post.channel = from_word<Channel>(row.text_or("channel")).value_or(Channel::post);
  return identity_of(post);
}

bool same(std::string_view a, std::string_view b) {
  return !a.empty() && equals_ignoring_case(a, b);
}

/// Pieces of words that can be looked for byte by byte: no quotes, no line ends.
void add_fragments(std::string_view text, std::vector<std::string>& out) {
  std::size_t taken = 0;
  for (std::size_t from = 0; from + kFragment <= text.size() && taken < kFragments;) {
    const std::string_view piece = cut_utf8(text.substr(from), kFragment);
    const std::size_t bad = piece.find_first_of("\"\\\n\r\t/");
    if (bad == std::string_view::npos && piece.size() + 3 >= kFragment) {
      if (out.size() < kMostFragments) out.push_back(to_lower_ascii(piece));
      ++taken;
      from += std::max(kFragment, text.size() / (kFragments + 1));
    } else {
      from += bad == std::string_view::npos ? 1 : bad + 1;
    }
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U) ++from;
  }
}

void add_customer(StoreReader& reader, const std::string& id, PersonFound& out) {
  const auto record = reader.customer(id);
  if (!record || std::ranges::find(out.customers, id) != out.customers.end()) return;
  Customer it{record->id, record->name, record->identities, record->contacts,
              customer_body(record->body)};
  for (const std::string& one : it.ids()) out.customers.push_back(one);
  out.identities.insert(it.identities.begin(), it.identities.end());
  for (const CustomerPart& part : it.body.parts)
    out.identities.insert(part.identities.begin(), part.identities.end());
  if (it.name.find(' ') != std::string::npos) out.traces.add_name(it.name);
}

/// The account behind an identity: what stands after "mail:" or the source's name.
std::string account_of(std::string_view identity) {
  if (identity.starts_with("mail:")) return std::string{identity.substr(5)};
  const std::size_t slash = identity.find('/');
  return std::string{slash == std::string_view::npos ? identity : identity.substr(slash + 1)};
}

HeldQuery query_of(const PersonFound& person) {
  HeldQuery query;
  query.needles = person.traces.names();
  for (const std::string& it : person.identities)
    query.needles.push_back(to_lower_ascii(account_of(it)));
  for (const CaseRecord& it : person.cases) query.cases.push_back(it.id);
  std::erase_if(query.needles, [](const std::string& it) { return it.empty(); });
  return query;
}

void take_names(const HeldRow& row, PersonFound& out) {
  out.traces.add_name(row.text_or("author_id"));
  out.traces.add_name(row.text_or("author_handle"));
  const std::string name = row.text_or("author_name");
  if (name.find(' ') != std::string::npos) out.traces.add_name(name);
  for (const char* column : {"url", "native"}) {
    const std::string text = row.text_or(column);
    if (text.size() > 7) out.traces.add_name(text);
  }
}

/// All posts of the identities, and the names and words that stand in them.
void read_posts(StoreReader& reader, PersonFound& out, std::vector<std::string>& fragments) {
  for (const HeldRow& row : reader.held(query_of(out))) {
    if (!is_post(row) || !out.owns(row)) continue;
    if (row.table == "post") out.marks.push_back("\"post/" + row.key + "\"");
    take_names(row, out);
    for (const char* column : {"title", "text", "quoted"}) {
      const std::string text = row.text_or(column);
      out.traces.add_words(text);
      add_fragments(text, fragments);
    }
  }
}

void read_cases(StoreReader& reader, PersonFound& out) {
  for (const std::string& id : out.customers) {
    for (CaseRecord& it : reader.cases_of(id, "", Instant{}, kMostCases)) {
      const Case whole = load_case(it);
      out.traces.add_name(whole.customer_handle);
      if (whole.customer_name.find(' ') != std::string::npos)
        out.traces.add_name(whole.customer_name);
      if (whole.url.size() > 7) out.traces.add_name(whole.url);
      out.traces.add_words(whole.title + "\n" + whole.excerpt);
      out.marks.push_back(to_lower_ascii(it.id));
      out.cases.push_back(std::move(it));
    }
  }
}

/// Whose name this is: customer:ID where there is a customer, else an identity.
std::set<std::string> candidates(StoreReader& reader, const std::string& author) {
  std::set<std::string> identities;
  const std::string lower = to_lower_ascii(author);
  HeldQuery query;
  query.needles = {to_lower_ascii(account_of(lower)), lower};
  for (const HeldRow& row : reader.held(query)) {
    if (row.table == "identity") {
      if (same(row.key, author) || same(account_of(row.key), author)) identities.insert(row.key);
    } else if (is_post(row)) {
      const std::string identity = identity_of(row);
      if (same(row.text_or("author_handle"), author) || same(row.text_or("author_id"), author) ||
          same(identity, author))
        identities.insert(identity);
    }
  }
  std::set<std::string> out;
  for (const std::string& it : identities) {
    const auto customer = reader.customer_by_identity(it);
    out.insert(customer ? "customer:" + customer->id : it);
  }
  return out;
}

/// The mails by which a question was asked and answered.
void add_talk(StoreReader& reader, const std::string& question, PersonFound& person) {
  RecordQuery query;
  query.kind = kQuestionMail;
  query.parent = question;
  query.limit = 1'000;
  for (const Record& it : reader.records(query)) person.mails.insert(it.id);
}

/// Ids of questions, letters and actions that are about them.
void mark_matters(StoreReader& reader, PersonFound& person) {
  const auto add = [&](std::string mark) {
    if (std::ranges::find(person.marks, mark) != person.marks.end()) return;
    person.query.needles.push_back(mark);
    person.marks.push_back(std::move(mark));
  };
  std::vector<std::string> ids;
  for (const HeldRow& row : person.rows) {
    if (row.table != "record" || !is_matter(row)) continue;
    const std::string body = row.text_or("body");
    if (!person.has_case(row.case_id) && !person.is_named_in(body) &&
        person.traces.without(body) == body)
      continue;
    const std::string id = row.text_or("id");
    ids.push_back("\"" + to_lower_ascii(id) + "\"");
    person.threads.push_back(row.state + "-" + id);
    ids.push_back(person.threads.back());
    if (row.state == kQuestion) add_talk(reader, id, person);
  }
  for (const std::string& it : person.mails) ids.push_back(to_lower_ascii(it));
  for (std::string& it : ids) add(std::move(it));
}

}  // namespace

bool PersonFound::owns(const HeldRow& post) const {
  return identities.contains(identity_of(post));
}

bool PersonFound::has_case(std::string_view id) const {
  return !id.empty() && std::ranges::find(cases, id, &CaseRecord::id) != cases.end();
}

bool PersonFound::is_talk(const HeldRow& post) const {
  if (!post.case_id.empty() || owns(post)) return false;
  if (mails.contains(post.text_or("native"))) return true;
  return is_thread(post.text_or("in_reply_to")) || is_thread(post.text_or("conversation"));
}

bool PersonFound::is_thread(std::string_view name) const {
  return std::ranges::any_of(threads, [&](const std::string& thread) {
    return name.starts_with(thread) && (name.size() == thread.size() ||
                                        name[thread.size()] == '.' || name[thread.size()] == '@');
  });
}

bool is_matter(const HeldRow& record) {
  return record.state == "question" || record.state == "letter" || record.state == "action";
}

bool PersonFound::is_named_in(std::string_view text) const {
  const std::string lower = to_lower_ascii(text);
  return std::ranges::any_of(
      marks, [&](const std::string& it) { return lower.find(it) != std::string::npos; });
}

PersonHunt::PersonHunt(const std::string& author) : wanted_(trim(author)) {
  if (wanted_.starts_with('@')) wanted_.erase(0, 1);
}

/// Who is meant: a customer with all identities, or one identity.
void PersonHunt::begin(StoreReader& reader) {
  constexpr std::string_view kCustomer = "customer:";
  if (wanted_.empty()) return;
  if (!wanted_.starts_with(kCustomer)) {
    const std::set<std::string> found = candidates(reader, wanted_);
    if (found.size() > 1) out_.several.assign(found.begin(), found.end());
    if (found.size() != 1) return;
    wanted_ = *found.begin();
  }
  PersonFound person;
  if (wanted_.starts_with(kCustomer))
    add_customer(reader, wanted_.substr(kCustomer.size()), person);
  else
    person.identities.insert(wanted_);
  if (person.identities.empty() && person.customers.empty()) return;
  for (const std::string& it : person.identities) {
    person.traces.add_name(account_of(it));
    person.traces.add_name(it);
  }
  out_.found = std::move(person);
}

/// Their posts and cases, and with these everything that can be looked for.
void PersonHunt::read_own(StoreReader& reader) {
  PersonFound& person = *out_.found;
  std::vector<std::string> fragments;
  read_posts(reader, person, fragments);
  read_cases(reader, person);
  for (const CaseRecord& it : person.cases) add_fragments(load_case(it).excerpt, fragments);
  for (const CaseRecord& it : person.cases) person.threads.push_back("case-" + it.id);
  person.query = query_of(person);
  std::vector<std::string>& needles = person.query.needles;
  needles.insert(needles.end(), fragments.begin(), fragments.end());
  needles.insert(needles.end(), person.marks.begin(), person.marks.end());
}

namespace {

/// What was written about a question or a letter of theirs names it, and may quote in other words.
/// True where there is more to look for than before.
bool mark_more(StoreReader& reader, PersonFound& person) {
  const std::size_t known = person.query.needles.size();
  mark_matters(reader, person);
  return person.query.needles.size() > known;
}

}  // namespace

bool PersonHunt::step(StoreReader& reader) {
  switch (step_++) {
    case 0:
      begin(reader);
      return !out_.found;
    case 1:
      read_own(reader);
      return false;
    case 2:
      out_.found->rows = reader.held(out_.found->query);
      return !mark_more(reader, *out_.found);
    default:
      out_.found->rows = reader.held(out_.found->query);
      return true;
  }
}

PersonSearch find_person(StoreReader& reader, const std::string& author) {
  PersonHunt hunt{author};
  while (!hunt.step(reader)) continue;
  return hunt.take();
}

bool look_again(StoreReader& reader, PersonFound& person, bool mails) {
  const auto own = [](const PersonFound& of) {
    return std::ranges::count_if(of.rows,
                                 [&](const HeldRow& row) { return is_post(row) && of.owns(row); });
  };
  std::vector<CaseRecord> cases;
  for (const std::string& id : person.customers) {
    for (CaseRecord& it : reader.cases_of(id, "", Instant{}, kMostCases))
      cases.push_back(std::move(it));
  }
  const auto before = own(person);
  const bool same =
      std::ranges::is_permutation(cases, person.cases, {}, &CaseRecord::id, &CaseRecord::id);
  HeldQuery query = person.query;
  if (mails) query.needles.insert(query.needles.end(), kEncodedMail.begin(), kEncodedMail.end());
  person.rows = reader.held(query);
  person.with_mails = mails;
  person.cases = std::move(cases);
  return same && own(person) == before && !mark_more(reader, person);
}

namespace {

void write_row(JsonWriter& out, const HeldRow& row) {
  out.object();
  out.field("table", row.table);
  out.field("key", row.key);
  out.text_or_null("case", row.case_id);
  for (const auto& [name, text] : row.texts) {
    if (text.empty()) continue;
    out.key(name);
    if ((text.starts_with('{') || text.starts_with('[')) && parse_json(text))
      out.raw(text);
    else
      out.value(text);
  }
  out.end();
}

}  // namespace

std::string export_person(const PersonFound& person, const std::string& author, Instant now) {
  JsonWriter out;
  out.object();
  out.field("author", author);
  out.field("at", now);
  out.field("customers", person.customers);
  out.field("identities",
            std::vector<std::string>{person.identities.begin(), person.identities.end()});
  const auto list = [&](std::string_view key, const auto& belongs) {
    out.key(key);
    out.array();
    for (const HeldRow& row : person.rows) {
      if (belongs(row)) write_row(out, row);
    }
    out.end_array();
  };
  const auto own = [&](const HeldRow& row) {
    if (is_post(row)) return person.owns(row);
    if (row.table == "customer")
      return std::ranges::find(person.customers, row.key) != person.customers.end();
    return person.has_case(row.case_id);
  };
  list("posts", [&](const HeldRow& row) { return is_post(row) && own(row); });
  list("cases", [&](const HeldRow& row) { return row.table == "cases" && own(row); });
  list("held",
       [&](const HeldRow& row) { return !is_post(row) && row.table != "cases" && own(row); });
  // Where others wrote of them, or what we told in one breath with other things.
  list("mentions", [&](const HeldRow& row) { return !own(row); });
  out.end();
  return out.take();
}

bool is_held(StoreReader& reader, std::string_view customer, Instant now) {
  const auto record = reader.record(kHold, customer);
  return record && record->state == "held" && (!record->due || *record->due > now);
}

}  // namespace earshot
