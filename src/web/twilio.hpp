#pragma once

/// Text messages that come in by a webhook of Twilio's form: an urlencoded POST whose signature is
/// base64(HMAC-SHA1(token, url + every parameter's name and value, sorted by name)) in
/// X-Twilio-Signature. Source: Twilio's "Validating signatures". Pure.

#include <map>
#include <string>
#include <string_view>

namespace earshot {

using Form = std::map<std::string, std::string, std::less<>>;

/// Reads an application/x-www-form-urlencoded body; empty where it is malformed.
Form parse_form(const std::string& body);
std::string twilio_signature(std::string_view token, std::string_view url, const Form& form);
/// Compared in constant time. An empty token refuses everything.
bool twilio_signed(std::string_view signature, std::string_view token, std::string_view url,
                   const Form& form);
/// The four digits of a reply such as "ACK 4821", "4821", "ok, 4821"; "" where there is not exactly
/// one such group.
std::string code_in(std::string_view text);
/// The answer document: the sentence goes back to the sender.
std::string twilio_answer(std::string_view sentence);

}  // namespace earshot
