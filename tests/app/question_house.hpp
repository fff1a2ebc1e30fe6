#pragma once

/// The house in which executives ask: a chief executive with a delegate, managers with mailboxes, a
/// mailbox that is read and a server that sends.

#include "../../src/app/question.hpp"
#include "../../src/sources/parse/mail.hpp"
#include "house.hpp"

namespace earshot {

Person mail_person(std::string id, std::string name, std::string manager);

Config question_config();

/// One field of a mail, unfolded and without angle brackets; "" where it is not there.
std::string field_of_mail(const std::string& body, const std::string& name);

class QuestionHouse : public House {
 protected:
  explicit QuestionHouse(Config config = question_config());
  ~QuestionHouse() override;

  Task<DeskAnswer> change_question(DeskCommand command) override;
  DeskAnswer desk(const std::string& who, const std::string& what, Arguments args,
                  bool manager = false);
  void mail_in(const std::string& bytes);
  void writes(const std::string& from, const std::string& to, const std::string& subject,
              const std::string& id, const std::string& text, const std::string& parent = "");
  std::vector<Question> questions();
  Question question(const std::string& id);
  /// All that was ever put into the outbox, oldest first.
  std::vector<OutboxRow> sent();
  std::vector<OutboxRow> letters_to(const std::string& person);
  /// What the plain part of a mail of ours says.
  static std::string said(const OutboxRow& row);
  WebResponse ask_api(std::string method, std::string target, std::string body,
                      std::pair<std::string, std::string> authorization);
  std::vector<LedgerEntry> ledger_of(const std::string& kind);
};

}  // namespace earshot
