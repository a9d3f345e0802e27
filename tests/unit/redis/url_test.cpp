#include "adapters/redis/url.hpp"

#include <comem/error.hpp>

#include <doctest/doctest.h>

namespace comem::redis {
namespace {

using Kind = Address::Kind;

std::string refusal(const std::string& url) {
  try {
    parse_url(url);
  } catch (const Error& error) {
    const bool right = error.code() == make_error_code(errc::invalid_argument);
    CHECK(right);
    return error.what();
  }
  return {};
}

TEST_CASE("url: every part") {
  const auto a = parse_url("redis://us%20er:p%40ss:w@example.org:6380/3");
  CHECK(a.kind == Kind::tcp);
  CHECK(a.username == "us er");
  CHECK(a.password == "p@ss:w");
  CHECK(a.host == "example.org");
  CHECK(a.port == 6380);
  CHECK(a.db == 3);
  CHECK(a.endpoint() == "redis://example.org:6380/3");
}

TEST_CASE("url: defaults") {
  const auto a = parse_url("redis://localhost");
  CHECK(a.port == 6379);
  CHECK(a.db == 0);
  CHECK(a.username.empty());
  CHECK(a.password.empty());
  CHECK(parse_url("redis://localhost/").db == 0);
  CHECK(parse_url("REDISS://h").kind == Kind::tls);
  CHECK(parse_url("rediss://h").endpoint() == "rediss://h:6379/0");
  CHECK(parse_url("redis://:secret@h").password == "secret");
  CHECK(parse_url("redis://:secret@h").username.empty());
  CHECK(parse_url("redis://user@h").username == "user");
}

TEST_CASE("url: addresses of IPv6") {
  const auto a = parse_url("redis://:pw@[::1]:7000/1");
  CHECK(a.host == "::1");
  CHECK(a.port == 7000);
  CHECK(a.endpoint() == "redis://[::1]:7000/1");
  CHECK(parse_url("redis://[fe80::1%eth0]").host == "fe80::1%eth0");
}

TEST_CASE("url: sockets") {
  const auto a = parse_url("unix:///run/my%20redis.sock?db=2");
  CHECK(a.kind == Kind::unix_socket);
  CHECK(a.path == "/run/my redis.sock");
  CHECK(a.db == 2);
  CHECK(a.endpoint() == "unix:///run/my redis.sock?db=2");
  const auto b = parse_url("unix://user:pa%2Fss@/tmp/s@x");
  CHECK(b.username == "user");
  CHECK(b.password == "pa/ss");
  CHECK(b.path == "/tmp/s@x");
}

TEST_CASE("url: every refusal says why and hides the password") {
  for (const std::string url : {"",
                                "localhost",
                                "localhost:6379",
                                "://",
                                "http://:hunter2@h",
                                "redis://",
                                "redis://:hunter2@",
                                "redis://:hunter2@:1",
                                "redis://:hunter2@h:",
                                "redis://:hunter2@h:0",
                                "redis://:hunter2@h:65536",
                                "redis://:hunter2@h:-1",
                                "redis://:hunter2@h:6379x",
                                "redis://:hunter2@h/x",
                                "redis://:hunter2@h/-1",
                                "redis://:hunter2@h/1/2",
                                "redis://:hunter2@h/99999999999",
                                "redis://:hunter2@h?db=1",
                                "redis://:hunter2@h#x",
                                "redis://:hunter2@h 1",
                                "redis://:hunter2@::1",
                                "redis://:hunter2@[::1",
                                "redis://:hunter2@[::1]x",
                                "redis://:hunter2@[zz]",
                                "redis://:hunter2@[fe80>::1%eth0]",
                                "redis://:hunter2@[fe80::1%eth\n0]",
                                "unix://:hunter2@/tmp/a%0ab",
                                "redis://:hunter2@[]",
                                "redis://:hunter2%@h",
                                "redis://:hunter2%4@h",
                                "redis://:hunter2%zz@h",
                                "redis://:hunter2%00@h",
                                "redis://:@h",
                                "unix://",
                                "unix:///",
                                "unix://host/path",
                                "unix://:hunter2@host/path",
                                "unix://:hunter2@/p?x=1",
                                "unix://:hunter2@/p?db=x",
                                "hunter2://h",
                                "redis:hunter2",
                                "redis://a:hunter2/3@h"}) {
    const auto why = refusal(url);
    CHECK_MESSAGE(why.find("Redis URL") != std::string::npos, url);
    CHECK_MESSAGE(why.find("hunter2") == std::string::npos, why);
  }
  CHECK(refusal("unix:///" + std::string(200, 'a')).find("108") == std::string::npos);
  CHECK(refusal("redis://h:99999").find("port") != std::string::npos);
}

TEST_CASE("url: a slash of a password must be escaped, and is not shown as a port when it is not") {
  // "a:hunter2" is read as host and port here, so the port must not be shown.
  CHECK(refusal("redis://a:hunter2/3@h").find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace comem::redis
