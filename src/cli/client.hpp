#pragma once

/// Talks to a running daemon over its API.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command.hpp"

namespace earshot::cli {

struct ApiAnswer {
  int status = 0;
  std::string body;
};

/// Options every client command takes: {"server=", "token-file=", "config=", "as=", "json"}.
class ApiClient {
 public:
  /// The address: --server, else web.listen of --config, else 127.0.0.1:8460. The token:
  /// --token-file, else $EARSHOT_TOKEN_FILE.
  explicit ApiClient(const Args& args);
  /// Failure(kTryAgain) where nobody answers.
  ApiAnswer request(const std::string& method, const std::string& path,
                    const std::string& body = {}) const;
  /// The body of a 2xx; else a Failure with the daemon's own sentence.
  std::string need(const std::string& method, const std::string& path,
                   const std::string& body = {}) const;

 private:
  std::string base_;
  std::string token_;
  std::string as_;  ///< who acts, where the daemon needs no token
};

/// Every byte as %XX.
std::string url_escaped(std::string_view text);
/// "?state=open&to=kim" of the options that were given; "" where none was.
std::string query_of(const Args& args, const std::vector<std::string>& names);
/// The options that were given as a JSON object: --change-due becomes "change_due".
std::string body_of(const Args& args, const std::vector<std::string>& names);
/// The items of a list, or of {"items":[…]}, one a line.
void print_items(const std::string& body);

}  // namespace earshot::cli
