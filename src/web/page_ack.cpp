// The pages behind signed links. No personal data and nothing of the customer's words: whoever
// holds the link sees a number.
#include <fmt/format.h>

#include <algorithm>

#include "page.hpp"

namespace earshot {
namespace {

std::string form_of(const std::string& token, const std::string& inside,
                    const std::string& button) {
  const std::string safe = in_html(token);
  return fmt::format(R"(<form method="post" action="/ack/{}"><input type="hidden" name="token" )"
                     R"(value="{}">{}<button class="big">{}</button></form>)",
                     safe, safe, inside, button);
}

std::string signed_again(const AckPage& page, LinkPurpose purpose, Duration life) {
  AckGrant grant = page.grant;
  grant.purpose = purpose;
  grant.expires = std::min(grant.expires, page.now + life);
  return sign_ack(grant, page.key);
}

std::string take_form(const AckPage& page) {
  if (page.level == LinkLevel::login)
    return fmt::format("<p><a href=\"/cases/{}\">Sign in to take it</a></p>",
                       in_html(page.grant.case_id));
  const std::string code =
      page.level == LinkLevel::code
          ? R"(<p><label>The four digits in the message <input name="code" inputmode="numeric" )"
            R"(autocomplete="one-time-code" pattern="[0-9]{4}" maxlength="4" )"
            "required></label></p>"
          : "";
  return form_of(page.token, code, "Acknowledge");
}

}  // namespace

WebResponse ack_question(const Case& it, const AckPage& page) {
  const std::string head = fmt::format("<h1>Case {}</h1>", it.number);
  if (page.grant.purpose == LinkPurpose::undo)
    return ack_html(200, head + "<p>Give it back? The pages begin again.</p>" +
                             form_of(page.token, "", "Give it back"));
  if (page.grant.purpose == LinkPurpose::not_worth)
    return ack_html(200, head +
                             "<p>Was this not worth waking you? Your word teaches Earshot. The "
                             "case itself stays as it is.</p>" +
                             form_of(page.token, "", "Not worth waking me"));
  if (it.ended()) return ack_html(200, head + fmt::format("<p>It is {}.</p>", to_word(it.state)));
  if (!it.owner.empty())
    return ack_html(200, head + fmt::format("<p>{} has it.</p>", in_html(it.owner)));
  return ack_html(
      200, head + "<p>Nobody has it yet. Take it, and the pages stop.</p>" + take_form(page));
}

WebResponse ack_done(const Case& it, const AckPage& page) {
  if (page.grant.purpose == LinkPurpose::undo)
    return ack_html(200,
                    fmt::format("<h1>Given back</h1><p>Case {} is open again.</p>", it.number));
  if (page.grant.purpose == LinkPurpose::not_worth)
    return ack_html(200, "<h1>Noted</h1><p>Earshot learns from it.</p>");
  std::string body =
      fmt::format("<h1>Acknowledged</h1><p>{} has case {} now.</p>", in_html(it.owner), it.number);
  body += fmt::format("<p>It can be given back for {}.</p>", to_text(page.undo)) +
          form_of(signed_again(page, LinkPurpose::undo, page.undo), "", "Give it back");
  body += form_of(signed_again(page, LinkPurpose::not_worth, hours{24}), "", "Not worth waking me");
  return ack_html(200, body);
}

WebResponse ack_problem(int status, const std::string& text) {
  return ack_html(status, "<h1>Not done</h1><p>" + in_html(text) + "</p>");
}

}  // namespace earshot
