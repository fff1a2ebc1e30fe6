// Forwards and replies as mail programs write them (tests/fixtures/questions): the right person is
// asked the right thing, the right words answer, nothing is lost, and nothing goes round in
// circles.
#include <gtest/gtest.h>
#include <algorithm>

#include <filesystem>
#include <fstream>

#include "earshot/core/utf8.hpp"
#include "question_house.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(source_tree() + "/tests/fixtures/questions")) {
    if (entry.path().extension() == ".eml") out.push_back(entry.path().stem().string());
  }
  std::ranges::sort(out);
  return out;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

std::string squeezed(std::string_view text) {
  return collapse_space(text);
}

constexpr const char* kAsked = "asked-1@brightwave.example";

class ClientMail : public QuestionHouse, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    writes("Ann Example <ann@example.org>", "ceo@brightwave.example", "Lamp is dark",
           "ann-1@example.org",
           "My Brightwave Glow lamp has been dark for three weeks and nobody answers me. This is a "
           "disgrace, I want my money back.");
    it = only_case();
    raw = bytes_of(path(".eml"));
    const auto want_text = bytes_of(path(".json"));
    auto read = parse_json(want_text);
    ASSERT_TRUE(read) << want_text;
    want = std::move(*read);
    if (wants("does") != "ask" || flag_at(want, "answered")) put_the_question();
    fill_in();
  }
  static std::string path(const char* ending) {
    return source_tree() + "/tests/fixtures/questions/" + GetParam() + ending;
  }
  std::string wants(const char* name) const { return std::string{string_at(want, name)}; }

  /// The question that the mail goes on with, and its answer where the mail follows one.
  void put_the_question() {
    if (raw.find("{{") == std::string::npos && wants("does") == "nothing") return;
    writes("M. Lind <ceo@brightwave.example>", "ask@brightwave.example", "Fwd: Lamp is dark",
           kAsked,
           "@kim ?\n\n---------- Forwarded message ---------\nFrom: Ann Example "
           "<ann@example.org>\nDate: Mon\nSubject: Lamp is dark\nTo: <ceo@brightwave.example>\n\n"
           "dark for three weeks\n");
    ASSERT_EQ(questions().size(), 1U);
    asked = questions().front();
    ASSERT_EQ(asked.to, "kim");
    if (!flag_at(want, "answered")) return;
    writes("Kim Park <kim@brightwave.example>", "x@brightwave.example", "Re: it", "kim-1@x.example",
           "The parcel was lost.", field_of_mail(letters_to("kim").front().body, "Message-ID"));
    ASSERT_EQ(question(asked.id).state, QuestionState::answered);
  }
  void fill_in() {
    if (!asked.id.empty()) {
      const std::string letter = letters_to("kim").front().body;
      const std::string reply_to = field_of_mail(letter, "Reply-To");
      raw = replaced(raw, "{{LETTER}}", field_of_mail(letter, "Message-ID"));
      raw = replaced(raw, "{{ROOT}}", "question-" + asked.id + "@brightwave.example");
      raw = replaced(raw, "{{TAG}}", reply_to.substr(4, 18));
      raw = replaced(raw, "{{ASKED}}", kAsked);
      if (flag_at(want, "answered")) {
        const std::string answer = letters_to("ceo").back().body;
        raw = replaced(raw, "{{ANSWER}}", field_of_mail(answer, "Message-ID"));
        raw = replaced(raw, "{{ATAG}}", field_of_mail(answer, "Reply-To").substr(4, 18));
      }
    }
    for (const OutboxRow& row : rows(it.id)) {
      if (row.message_id.starts_with("case-"))
        raw = replaced(raw, "{{ALERT}}", field_of_mail(row.body, "Message-ID"));
    }
    ASSERT_EQ(raw.find("{{"), std::string::npos) << "a place that was not filled in";
  }

  void expect_asked() {
    ASSERT_EQ(questions().size(), asked.id.empty() ? 1U : 2U);
    const std::vector<Question> all = questions();
    const Question got = *std::ranges::find_if(
        all, [&](const Question& question) { return question.id != asked.id; });
    EXPECT_EQ(got.from, wants("from"));
    EXPECT_EQ(got.to, wants("to"));
    EXPECT_EQ(squeezed(got.text), squeezed(wants("text")));
    EXPECT_EQ(got.subject, wants("subject"));
    EXPECT_NE(got.item.find(wants("item")), std::string::npos) << got.item;
    if (wants("item").empty()) {
      EXPECT_EQ(got.item, "");
    }
    EXPECT_EQ(got.item.find("Sent from"), std::string::npos) << got.item;
    EXPECT_EQ(got.case_id, flag_at(want, "case") ? it.id : "");
    const auto letters = letters_to(got.to);
    ASSERT_FALSE(letters.empty()) << "whoever is asked hears of it";
    EXPECT_EQ(letters.back().target, got.to + "@brightwave.example");
  }
  void expect_moved() {
    ASSERT_EQ(questions().size(), 1U);
    const Question got = question(asked.id);
    ASSERT_GT(got.talk.size(), asked.talk.size());
    const QuestionWords& last = got.talk.back();
    EXPECT_EQ(to_word(last.kind), wants("does"));
    if (wants("does") == "held") {
      EXPECT_NE(last.text.find(wants("text")), std::string::npos) << last.text;
      EXPECT_EQ(got.state, QuestionState::open) << "words that count for nothing";
      return;
    }
    EXPECT_EQ(last.who, wants("who"));
    EXPECT_EQ(squeezed(last.text), squeezed(wants("text")));
    if (last.kind != QuestionAction::answer) return;
    EXPECT_EQ(got.state, QuestionState::answered);
    const auto letters = letters_to("ceo");
    ASSERT_FALSE(letters.empty()) << "the answer goes back in writing";
    EXPECT_EQ(field_of_mail(letters.back().body, "In-Reply-To"), kAsked);
    EXPECT_NE(squeezed(said(letters.back())).find(squeezed(wants("text"))), std::string::npos);
    EXPECT_EQ(ledger_of("question_answer").back().case_id, it.id) << "and into the case's story";
  }

  Case it;
  Question asked;
  std::string raw;
  JsonDocument want;
};

TEST_P(ClientMail, IsUnderstood) {
  const std::size_t before = sent().size();
  mail_in(raw);
  if (wants("does") == "ask") {
    expect_asked();
  } else if (wants("does") == "nothing") {
    EXPECT_EQ(sent().size(), before) << "nothing is sent";
    EXPECT_EQ(questions().size(), asked.id.empty() ? 0U : 1U);
    if (!asked.id.empty()) {
      EXPECT_EQ(to_json(question(asked.id)), to_json(asked));
    }
  } else {
    expect_moved();
  }
  bool kept = false;
  const auto parsed = parse_mail(raw, {});
  look([&](StoreReader& reader) {
    kept = reader.known("mailbox", parsed->posts.front().id).has_value();
  });
  EXPECT_TRUE(kept) << "every mail is kept";

  const std::size_t after = sent().size();
  mail_in(raw);
  for (const OutboxRow& row : sent()) mail_in(row.body);
  EXPECT_EQ(sent().size(), after) << "the same mail again, and our own letters, set nothing off";
}

INSTANTIATE_TEST_SUITE_P(Clients, ClientMail, testing::ValuesIn(names()),
                         [](const auto& it) { return replaced(it.param, "-", "_"); });

TEST(ClientMails, AreAtLeastSixty) {
  EXPECT_GE(names().size(), 60U);
}

}  // namespace
}  // namespace earshot
