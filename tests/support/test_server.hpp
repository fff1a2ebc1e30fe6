#pragma once

/// A real server for one test, started by a script of tests/servers on free ports with its own data
/// folder, stopped at the end. A server that does not start fails the test.

#include <string>
#include <vector>

namespace earshot {

class TestServer {
 public:
  /// `ports`: how many neighbouring ports the script takes, the first of which is port().
  TestServer(std::string script, int ports);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  bool started() const { return started_; }
  int port(int offset = 0) const { return port_ + offset; }
  /// A word of what the script printed: `word("ca=")` is the file of the authority.
  std::string word(const std::string& prefix) const;
  /// Runs the script with other arguments; `{port}` stands for the port.
  bool command(const std::string& arguments) const;

 private:
  std::string run(const std::string& arguments, int& status) const;
  std::string script_, root_, output_;
  int port_ = 0;
  bool started_ = false;
};

/// GET or POST to a server's control port, with the curl of the machine; the body of the answer.
std::string control(const std::string& url, const std::string& method = "GET",
                    const std::string& body = {});

}  // namespace earshot
