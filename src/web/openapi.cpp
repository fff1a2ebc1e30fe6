#include "openapi.hpp"

#include <array>

#include "earshot/core/json.hpp"

namespace earshot {
namespace {

struct Path {
  const char* path;
  const char* method;
  const char* summary;
  const char* ok;
};

constexpr std::array kPaths{
    Path{"/api/v1/posts", "post",
         "Take one post, an array, or JSON Lines; answers once they are durable. Idempotency-Key "
         "is honoured.",
         "202"},
    Path{"/api/v1/cases", "get",
         "Cases: view, q, team, owner, urgency, state, principal, source, before, limit", "200"},
    Path{"/api/v1/cases/bulk", "post", "One action on up to 200 cases, a result for each", "200"},
    Path{"/api/v1/cases/{id}", "get",
         "A case with its posts, points, clocks, gates, story and actions; by id or number", "200"},
    Path{"/api/v1/cases/{id}/{action}", "post",
         "ack undo_ack assign take_over answer feedback verify close dismiss reopen merge note "
         "raise; If-Match holds the version",
         "200"},
    Path{"/api/v1/oncall", "get", "Who is on call now (or at), until when, who is next", "200"},
    Path{"/api/v1/oncall/shifts", "get", "Shifts: schedule, from, to", "200"},
    Path{"/api/v1/sources", "get", "Health of the sources", "200"},
    Path{"/api/v1/me", "get", "Who the token is", "200"},
    Path{"/api/v1/ledger", "get", "Entries of the ledger: case, person, kind, after, limit", "200"},
    Path{"/api/v1/tokens", "get", "Tokens without their secrets", "200"},
    Path{"/api/v1/reload", "post", "Load the configuration again; a bad one changes nothing",
         "200"},
    Path{"/api/v1/receivers/{name}/test", "post", "Queue a test message", "202"},
    Path{"/api/v1/events", "get",
         "Server-sent events; Last-Event-ID goes on where a client stopped", "200"},
    Path{"/metrics", "get", "Prometheus metrics", "200"},
    Path{"/-/healthy", "get", "Alive", "200"},
    Path{"/-/ready", "get", "Ready to serve", "200"},
    Path{"/-/reload", "post", "Load the configuration again", "200"},
};

}  // namespace

std::string openapi_document() {
  JsonWriter out;
  out.object();
  out.field("openapi", "3.1.0");
  out.key("info");
  out.object();
  out.field("title", "Earshot");
  out.field("version", "1");
  out.end();
  out.key("paths");
  out.object();
  for (std::size_t i = 0; i < kPaths.size(); ++i) {
    const Path& it = kPaths[i];
    out.key(it.path);
    out.object();
    out.key(it.method);
    out.object();
    out.field("summary", it.summary);
    out.key("responses");
    out.object();
    out.key(it.ok);
    out.object();
    out.field("description", "done");
    out.end();
    out.key("default");
    out.object();
    out.field("description", "{\"error\":{code,text,field,detail}}");
    out.end();
    out.end();
    out.end();
    out.end();
  }
  out.end();
  out.key("components");
  out.object();
  out.key("securitySchemes");
  out.object();
  out.key("token");
  out.object();
  out.field("type", "http");
  out.field("scheme", "bearer");
  out.end();
  out.end();
  out.end();
  out.end();
  return out.take();
}

}  // namespace earshot
