#include "../../src/sources/parse/mail.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

std::string fixture(const std::string& name) {
  std::ifstream file{source_tree() + "/tests/fixtures/mail/" + name, std::ios::binary};
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>{file}, {}};
}

Post read(std::string_view bytes) {
  const auto parsed = parse_mail(bytes);
  EXPECT_TRUE(parsed.ok());
  return parsed.ok() && parsed->posts.size() == 1 ? parsed->posts[0] : Post{};
}

TEST(MailFixtures, ReadAsExpected) {
  const std::string text = fixture("expected.json");
  const auto document = parse_json(text);
  ASSERT_TRUE(document.ok());
  const JsonValue& all = *document;
  ASSERT_GE(all.MemberCount(), 14U);
  for (auto it = all.MemberBegin(); it != all.MemberEnd(); ++it) {
    const std::string name = it->name.GetString();
    SCOPED_TRACE(name);
    const JsonValue& want = it->value;
    const auto str = [&](const char* key) {
      return want[key].IsString() ? std::string{want[key].GetString()} : std::string{};
    };
    const std::string bytes = fixture(name);
    const Post post = read(bytes);
    EXPECT_EQ(post.title, str("subject"));
    EXPECT_EQ(post.author.handle, str("from_addr"));
    EXPECT_EQ(post.author.name, str("from_name"));
    EXPECT_EQ(post.id, want["message_id"].IsNull() ? to_hex(sha256(bytes)) : str("message_id"));
    EXPECT_EQ(post.created_at ? to_rfc3339(*post.created_at) : "", str("date_utc"));
    EXPECT_EQ(post.in_reply_to, str("in_reply_to"));
    EXPECT_EQ(automatic_word(post.automatic),
              want["automatic"].IsNull() ? "none" : str("automatic"));
    for (const auto& part : want["customer_text_has"].GetArray())
      EXPECT_NE(post.text.find(part.GetString()), std::string::npos) << part.GetString() << " in\n"
                                                                     << post.text;
    for (const auto& part : want["customer_text_lacks"].GetArray())
      EXPECT_EQ(post.text.find(part.GetString()), std::string::npos) << part.GetString() << " in\n"
                                                                     << post.text;
    std::vector<std::string> names;
    for (const Attachment& file : post.attachments) names.push_back(file.name);
    std::vector<std::string> wanted;
    for (const auto& file : want["attachments"].GetArray()) wanted.emplace_back(file.GetString());
    EXPECT_EQ(names, wanted);
  }
}

struct MailRow {
  const char* name;
  std::string mail;
  std::string title;
  std::string author;
  std::string text;
};
class Mail : public testing::TestWithParam<MailRow> {};
TEST_P(Mail, IsRead) {
  const Post post = read(GetParam().mail);
  EXPECT_EQ(post.title, GetParam().title);
  EXPECT_EQ(post.author.name, GetParam().author);
  EXPECT_EQ(post.text, GetParam().text);
}
const std::string kFrom = "From: Ann <a@x.example>\r\nSubject: s\r\n";
INSTANTIATE_TEST_SUITE_P(
    Table, Mail,
    testing::Values(
        MailRow{"gb2312_is_gb18030",
                kFrom + "Content-Type: text/plain; charset=gb2312\r\n\r\n\x95\x46\xC4\xE3\xBA\xC3",
                "s", "Ann", "\xE6\x97\xBB\xE4\xBD\xA0\xE5\xA5\xBD"},
        MailRow{"utf_7", kFrom + "Content-Type: text/plain; charset=utf-7\r\n\r\nGr+APwA3w-e", "s",
                "Ann",
                "Gr\xC3\xBC\xC3\x9F"
                "e"},
        MailRow{"unknown_8bit_is_windows_1252",
                kFrom + "Content-Type: text/plain; charset=unknown-8bit\r\n\r\n80 \x80", "s", "Ann",
                "80 \xE2\x82\xAC"},
        MailRow{"unknown_8bit_may_be_utf_8",
                kFrom + "Content-Type: text/plain; charset=x-unknown\r\n\r\n80 \xE2\x82\xAC", "s",
                "Ann", "80 \xE2\x82\xAC"},
        MailRow{"utf_8_under_a_latin_1_label",
                kFrom + "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xC3\xBC\xC3\x9F"
                        "e",
                "s", "Ann",
                "Gr\xC3\xBC\xC3\x9F"
                "e"},
        MailRow{"latin_1_under_a_utf_8_label",
                kFrom + "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xFC\xDF"
                        "e",
                "s", "Ann",
                "Gr\xC3\xBC\xC3\x9F"
                "e"},
        MailRow{"words_split_inside_a_character",
                "From: =?utf-8?B?w4NkYQ==?= <a@x.example>\r\nSubject: =?UTF-8?B?4g==?= "
                "=?UTF-8?B?gqw=?= =?utf-8?Q?_=C3?=\r\n =?utf-8?Q?=A9_x?= y\r\n\r\nt",
                "\xE2\x82\xAC \xC3\xA9 x y",
                "\xC3\x83"
                "da",
                "t"},
        MailRow{"windows_1252_in_a_latin_1_word",
                "From: a@x.example\r\nSubject: =?iso-8859-1?Q?80=80?=\r\n\r\nt", "80\xE2\x82\xAC",
                "", "t"},
        MailRow{"question_mark_in_a_word",
                "From: a@x.example\r\nSubject: =?utf-8?Q?Really?\?=\r\n\r\nt", "Really?", "", "t"},
        MailRow{"the_first_of_two_subjects",
                "From: a@x.example\r\nSubject:\r\nSubject: one\r\nSubject: two\r\n\r\nt", "one", "",
                "t"},
        MailRow{"a_blank_plain_part_gives_way_to_markup",
                kFrom + "Content-Type: multipart/alternative; "
                        "boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n "
                        "\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>real&nbsp;words</p>\r\n--b--",
                "s", "Ann", "real words"},
        MailRow{"an_unclosed_boundary",
                kFrom + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
                        "text/plain\r\n\r\nwords",
                "s", "Ann", "words"},
        MailRow{
            "related_inside_alternative",
            kFrom +
                "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: "
                "multipart/related; boundary=c\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\nh<img "
                "src='cid:1'>\r\n--c\r\nContent-Type: image/png\r\n\r\nx\r\n--c--\r\n--b--",
            "s", "Ann", "h"},
        MailRow{"text_around_a_picture_stays_together",
                kFrom + "Content-Type: multipart/mixed; "
                        "boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: image/png; "
                        "name=p.png\r\n\r\nx\r\n--b\r\n\r\ntwo\r\n--b--",
                "s", "Ann", "one\ntwo"},
        MailRow{"flowed_lines_join",
                kFrom + "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\nunbe "
                        "\r\nlievable\r\n x\r\n-- \r\nAnn",
                "s", "Ann", "unbelievable\nx"},
        MailRow{"a_body_without_headers_of_mime", kFrom + "\r\nwords", "s", "Ann", "words"},
        MailRow{"line_ends_of_unix", "From: a@x.example\nSubject: s\n\nwords\n", "s", "", "words"}),
    [](const auto& row) { return row.param.name; });

struct KindRow {
  const char* name;
  const char* headers;
  Automatic want;
};
class MailKind : public testing::TestWithParam<KindRow> {};
TEST_P(MailKind, IsSeenByHeaders) {
  EXPECT_EQ(read(std::string{GetParam().headers} + "\r\nt").automatic, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, MailKind,
    testing::Values(
        KindRow{"a_person", "From: a@x.example\r\nSubject: hi\r\n", Automatic::none},
        KindRow{
            "subject_words_alone_decide_nothing",
            "From: a@x.example\r\nSubject: Automatic reply: out of office, undelivered mail\r\n",
            Automatic::none},
        KindRow{"auto_submitted_no", "From: a@x.example\r\nAuto-Submitted: no\r\n",
                Automatic::none},
        KindRow{
            "auto_replied",
            "From: a@x.example\r\nAuto-Submitted: auto-replied (vacation)\r\nPrecedence: bulk\r\n",
            Automatic::auto_reply},
        KindRow{"null_sender", "Return-Path: <>\r\nFrom: a@x.example\r\nSubject: away\r\n",
                Automatic::auto_reply},
        KindRow{"mailer_daemon", "From: MAILER-DAEMON@x.example\r\n", Automatic::bounce},
        KindRow{"report",
                "From: postmaster@x.example\r\nContent-Type: multipart/report; "
                "report-type=delivery-status; boundary=b\r\n",
                Automatic::bounce},
        KindRow{"a_postmaster_who_complains",
                "From: postmaster@x.example\r\nSubject: my kettle\r\n", Automatic::none},
        KindRow{"read_receipt",
                "From: a@x.example\r\nContent-Type: multipart/report; "
                "report-type=disposition-notification; boundary=b\r\n",
                Automatic::auto_reply},
        KindRow{"mailing_list",
                "From: a@x.example\r\nList-Id: <l.x.example>\r\nPrecedence: bulk\r\n",
                Automatic::list},
        KindRow{"newsletter", "From: a@x.example\r\nSubject: URGENT!!!\r\nPrecedence: bulk\r\n",
                Automatic::bulk},
        KindRow{"newsletter_by_unsubscribe",
                "From: a@x.example\r\nList-Unsubscribe: <mailto:u@x.example>\r\n",
                Automatic::bulk}),
    [](const auto& row) { return row.param.name; });

TEST(MailLists, AGroupOfOursThatForwardsMakesNoList) {
  const std::string mail =
      "From: Ann <ann@example.org>\r\nTo: care@brightwave.example\r\nSubject: My lamp\r\n"
      "List-Id: Care team <care.brightwave.example>\r\nList-Unsubscribe: <mailto:u@x.example>\r\n"
      "Precedence: list\r\n\r\nIt is broken.\r\n";
  const auto kind = [&](const std::string& bytes, const std::vector<std::string>& own) {
    return parse_mail(bytes, own)->posts.at(0).automatic;
  };
  EXPECT_EQ(kind(mail, {}), Automatic::list);
  EXPECT_EQ(kind(mail, {"news.brightwave.example"}), Automatic::list);
  EXPECT_EQ(kind(mail, {"Care.Brightwave.example"}), Automatic::none);
  EXPECT_EQ(kind("Auto-Submitted: auto-replied\r\n" + mail, {"care.brightwave.example"}),
            Automatic::auto_reply)
      << "what a machine wrote stays a machine's";
}

TEST(MailThread, IsReadFromReferences) {
  const Post post = read(
      "From: a@x.example\r\nTo: \"C, D\" <Care@K.example>, b@k.example\r\nCc: "
      "care@k.example\r\nMessage-ID: <3@x>\r\nIn-Reply-To: <2@x>\r\nReferences: "
      "<1@x>\r\n\t<2@x>\r\n\r\nsee https://x.example/a #late @care");
  EXPECT_EQ(post.id, "3@x");
  EXPECT_EQ(post.in_reply_to, "2@x");
  EXPECT_EQ(post.conversation, "1@x");
  EXPECT_EQ(post.addressed, (std::vector<std::string>{"care@k.example", "b@k.example"}));
  EXPECT_EQ(post.links, std::vector<std::string>{"https://x.example/a"});
  EXPECT_EQ(post.hashtags, std::vector<std::string>{"late"});
  EXPECT_EQ(read("From: a@x.example\r\nMessage-ID: bare@x\r\n\r\n").id, "bare@x");
}

TEST(MailBudget, HostileMailsCostLittle) {
  std::string parts =
      kFrom + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst words\r\n";
  for (int i = 0; i < 10'000; ++i) parts += "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n";
  std::string deep = kFrom;
  for (int i = 0; i < 5'000; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" +
            std::to_string(i) + "\r\n";
  std::string nested = kFrom;
  for (int i = 0; i < 100'000; ++i) nested += "Content-Type: message/rfc822\r\n\r\n";
  std::string base64 =
      kFrom + "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  while (base64.size() < (std::size_t{31} << 20U))
    base64 += "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\r\n";
  std::string headers = kFrom;
  for (int i = 0; i < 200'000; ++i) headers += "Subject: =?utf-8?Q?\r\n";
  std::string words = kFrom + "References: " + std::string(1'000'000, '<') +
                      "\r\nTo: " + std::string(500'000, ',') + "\r\n\r\n";
  std::string lines = kFrom + "\r\n" + std::string(std::size_t{8} << 20U, '\n');
  for (std::string* mail : {&parts, &deep, &nested, &base64, &headers, &words, &lines}) {
    const auto start = std::chrono::steady_clock::now();
    const auto parsed = parse_mail(*mail);
    EXPECT_TRUE(parsed.ok());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{5000})
        << mail->size();  // 500 ms optimised
  }
  EXPECT_EQ(read(parts).text.substr(0, 11), "first words");
  EXPECT_FALSE(parse_mail("no mail at all").ok());
  EXPECT_FALSE(parse_mail("").ok());
}

}  // namespace
}  // namespace earshot
