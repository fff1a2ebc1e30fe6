#include "support/test_server.hpp"
#include "support/tree.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <random>

namespace earshot {

namespace {

bool is_free(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool free = bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
  close(fd);
  return free;
}

int free_ports(int count) {
  std::random_device random;
  for (int tries = 0; tries < 200; ++tries) {
    const int port =
        20'000 +
        static_cast<int>(random() % 12'000);  // below the kernel's range for outgoing connections
    bool all = true;
    for (int i = 0; i < count; ++i) all = all && is_free(port + i);
    if (all) return port;
  }
  ADD_FAILURE() << "no free ports";
  return 0;
}

std::string output_of(const std::string& command, int& status) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = fread(part.data(), 1, part.size(), pipe)) > 0;)
    text.append(part.data(), n);
  status = pclose(pipe);
  return text;
}

}  // namespace

TestServer::TestServer(std::string script, int ports)
    : script_(source_tree() + "/tests/servers/" + script), port_(free_ports(ports)) {
  std::string name = (std::filesystem::temp_directory_path() / "earshot-servers-XXXXXX").string();
  root_ = mkdtemp(name.data());
  std::filesystem::permissions(
      root_, std::filesystem::perms{0755});  // servers that drop their rights go in, too
  int status = 0;
  output_ = run("start {port}", status);
  started_ = status == 0;
  EXPECT_TRUE(started_) << script << " did not start: " << output_;
}

TestServer::~TestServer() {
  int status = 0;
  run("stop {port} --purge", status);
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string TestServer::run(const std::string& arguments, int& status) const {
  std::string line = arguments;
  for (std::size_t at = 0; (at = line.find("{port}")) != std::string::npos;)
    line.replace(at, 6, std::to_string(port_));
  return output_of("SRV_ROOT='" + root_ + "' bash '" + script_ + "' " + line + " 2>&1", status);
}

std::string TestServer::word(const std::string& prefix) const {
  const std::size_t at = output_.find(prefix);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + prefix.size();
  return output_.substr(begin, output_.find_first_of(" \n", begin) - begin);
}

bool TestServer::command(const std::string& arguments) const {
  int status = 0;
  run(arguments, status);
  return status == 0;
}

std::string control(const std::string& url, const std::string& method, const std::string& body) {
  int status = 0;
  std::string command = "curl -sS --max-time 10 -X " + method + " '" + url + "'";
  if (!body.empty()) command += " -H 'content-type: application/json' --data-binary '" + body + "'";
  std::string text = output_of(command, status);
  EXPECT_EQ(status, 0) << url;
  return text;
}

}  // namespace earshot
