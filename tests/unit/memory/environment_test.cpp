#include "memory/environment.hpp"

#include <comem/error.hpp>

#include <map>

#include <doctest/doctest.h>

using namespace comem;
using namespace comem::memory;

namespace {

using Variables = std::map<std::string, std::string>;

Options from(const Variables& variables) {
  return options_from([&](const char* name) -> const char* {
    const auto it = variables.find(name);
    return it == variables.end() ? nullptr : it->second.c_str();
  });
}

void refused(const Variables& variables, const std::string& name, const std::string& secret = {}) {
  std::string message = "accepted";
  try {
    from(variables);
  } catch (const Error& error) {
    CHECK(error.code() == errc::invalid_argument);
    message = error.what();
  }
  CHECK_MESSAGE(message.find(name) != std::string::npos, message);
  if (!secret.empty()) CHECK(message.find(secret) == std::string::npos);
}

}  // namespace

TEST_CASE("without variables the options are the defaults") {
  const auto options = from({});
  CHECK(options.backend == Backend::sqlite);
  CHECK(options.database == Options().database);
  CHECK(options.redis_url == Options().redis_url);
  CHECK(options.ns == "default");
  CHECK(options.level == Level::durable);
  CHECK(from({{"MEMORY_BACKEND", ""}, {"REDIS_URL", ""}, {"REDIS_ENABLED", ""}, {"COMEM_DB", ""}}).database ==
        Options().database);
}

TEST_CASE("the backend follows what is said most plainly") {
  CHECK(from({{"MEMORY_BACKEND", "redis"}}).backend == Backend::redis);
  CHECK(from({{"MEMORY_BACKEND", "Redis"}}).backend == Backend::redis);
  CHECK(from({{"REDIS_URL", "redis://h"}}).backend == Backend::redis);
  CHECK(from({{"REDIS_HOST", "h"}}).backend == Backend::redis);
  CHECK(from({{"REDIS_ENABLED", "yes"}}).backend == Backend::redis);
  CHECK(from({{"REDIS_URL", "redis://h"}, {"MEMORY_BACKEND", "sqlite"}}).backend == Backend::sqlite);
  CHECK(from({{"REDIS_ENABLED", "1"}, {"MEMORY_BACKEND", "sqlite"}}).backend == Backend::sqlite);
  for (const auto* no : {"false", "0", "no", "off", "OFF"})
    CHECK(from({{"REDIS_ENABLED", no}, {"MEMORY_BACKEND", "redis"}, {"REDIS_URL", "redis://h"}}).backend ==
          Backend::sqlite);
  CHECK(from({{"REDIS_PASSWORD", "p"}}).backend == Backend::sqlite);
}

TEST_CASE("an address is a URL, or is made one") {
  CHECK(from({{"REDIS_URL", "rediss://u:p@h:1/2"}, {"REDIS_HOST", "other"}}).redis_url ==
        "rediss://u:p@h:1/2");
  CHECK(from({{"REDIS_URL", "unix:///run/redis.sock"}}).redis_url == "unix:///run/redis.sock");
  CHECK(from({{"REDIS_HOST", "h"}}).redis_url == "redis://h:6379/0");
  CHECK(from({{"REDIS_PORT", "7000"}, {"REDIS_DB", "3"}}).redis_url == "redis://localhost:7000/3");
  CHECK(from({{"REDIS_HOST", "::1"}}).redis_url == "redis://[::1]:6379/0");
  CHECK(from({{"REDIS_HOST", "fe80::1%eth0"}}).redis_url == "redis://[fe80::1%eth0]:6379/0");
  const auto options = from({{"REDIS_HOST", "h"}, {"REDIS_USERNAME", "u"}, {"REDIS_PASSWORD", "p@/:"}});
  CHECK(options.redis_username == "u");
  CHECK(options.redis_password == "p@/:");
  CHECK(options.redis_url == "redis://h:6379/0");
}

TEST_CASE("the rest is taken as it is") {
  const auto options = from({{"COMEM_DB", "/x/y.db"},
                             {"COMEM_NAMESPACE", "n:{}"},
                             {"COMEM_AGENT_ID", "a b"},
                             {"COMEM_STEMMING", "None"},
                             {"COMEM_KEEP_INDEX", "off"},
                             {"COMEM_LEVEL", "shared"}});
  CHECK(options.database == "/x/y.db");
  CHECK(options.ns == "n:{}");
  CHECK(options.agent_id == "a b");
  CHECK(options.level == Level::shared);
  CHECK(options.stemming == Stemming::none);
  CHECK_FALSE(options.keep_index);
}

TEST_CASE("a bad value names its variable and keeps its secret") {
  refused({{"MEMORY_BACKEND", "mysql"}}, "MEMORY_BACKEND");
  refused({{"REDIS_ENABLED", "maybe"}}, "REDIS_ENABLED");
  refused({{"REDIS_ENABLED", "maybe"}, {"MEMORY_BACKEND", "sqlite"}}, "REDIS_ENABLED");
  refused({{"REDIS_URL", "http://user:hunter2@h"}}, "REDIS_URL", "hunter2");
  refused({{"REDIS_URL", "hunter2"}}, "REDIS_URL", "hunter2");
  refused({{"REDIS_URL", "redis:hunter2"}}, "REDIS_URL", "hunter2");
  refused({{"REDIS_HOST", "redis://hunter2@h"}}, "REDIS_HOST", "hunter2");
  for (const auto* host : {"a b", "a<b", "g::1", "::1%a\"b", "%::1"})
    refused({{"REDIS_HOST", host}}, "REDIS_HOST");
  refused({{"REDIS_HOST", "h:6379"}}, "REDIS_HOST");
  for (const auto* port : {"0", "65536", "-1", "6379x", " 6379", "99999999999999"})
    refused({{"REDIS_PORT", port}}, "REDIS_PORT");
  refused({{"REDIS_DB", "one"}}, "REDIS_DB");
  refused({{"COMEM_LEVEL", "fast"}}, "COMEM_LEVEL");
  refused({{"COMEM_STEMMING", "german"}}, "use english or none");
  refused({{"COMEM_KEEP_INDEX", "later"}}, "COMEM_KEEP_INDEX");
  refused({{"COMEM_NAMESPACE", std::string(257, 'n')}}, "COMEM_NAMESPACE");
  refused({{"COMEM_AGENT_ID", std::string(257, 'n')}}, "COMEM_AGENT_ID");
}
