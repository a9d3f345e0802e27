#include "memory/environment.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/utf8.hpp"

namespace comem::memory {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(errc::invalid_argument, message);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

class Environment {
 public:
  explicit Environment(const GetEnvironment& get) : get_(get) {}

  std::string text(const char* name) const {
    const char* value = get_(name);
    return value == nullptr ? std::string() : std::string(value);
  }

  std::optional<bool> flag(const char* name) const {
    const auto value = lower(text(name));
    if (value.empty()) return std::nullopt;
    for (const auto* yes : {"true", "1", "yes", "on"})
      if (value == yes) return true;
    for (const auto* no : {"false", "0", "no", "off"})
      if (value == no) return false;
    refuse(fmt::format("{} is '{}'; use true or false", name, printable(value)));
  }

  std::optional<unsigned> number(const char* name, unsigned low, unsigned high) const {
    const auto value = text(name);
    if (value.empty()) return std::nullopt;
    unsigned number = 0;
    const auto* end = value.data() + value.size();
    const auto result = std::from_chars(value.data(), end, number);
    if (result.ec != std::errc{} || result.ptr != end || number < low || number > high)
      refuse(fmt::format("{} is '{}'; use a number from {} to {}", name, printable(value), low, high));
    return number;
  }

 private:
  const GetEnvironment& get_;
};

void check_url(const std::string& url) {
  const auto scheme = lower(url.substr(0, url.find(':')));
  const bool known = scheme == "redis" || scheme == "rediss" || scheme == "unix";
  // The value is not repeated: it may hold a password.
  if (!known || url.compare(scheme.size(), 3, "://") != 0)
    refuse("REDIS_URL must begin with redis://, rediss:// or unix://, for example redis://localhost:6379/0");
}

/// Whether a URL can have it as a host: a name, or an IPv6 address with or without a zone ("fe80::1%eth0").
bool fits_url(std::string_view host) {
  const bool numeric = host.find(':') != std::string_view::npos;
  const auto zone = numeric ? std::min(host.find('%'), host.size()) : 0;
  const auto rest = host.substr(zone);
  const bool odd = std::any_of(rest.begin(), rest.end(), [](unsigned char c) {
    return c <= ' ' || c == 0x7f ||
           std::string_view("/@?#[]\\:\"<>").find(static_cast<char>(c)) != std::string_view::npos;
  });
  const auto address = host.substr(0, zone);
  return !odd && address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

std::string url_of(const std::string& host, std::optional<unsigned> port, std::optional<unsigned> db) {
  const bool colon = host.find(':') != std::string::npos;
  if (std::count(host.begin(), host.end(), ':') == 1 && host.find('/') == std::string::npos)
    refuse("REDIS_HOST must be a host name or address alone; give the port in REDIS_PORT");
  if (!fits_url(host))
    refuse("REDIS_HOST must be a host name or address alone; use REDIS_URL for a whole URL");
  return fmt::format("redis://{}:{}/{}", colon ? "[" + host + "]" : host, port.value_or(6379),
                     db.value_or(0));
}

/// Answers whether an address was given.
bool read_address(const Environment& environment, Options& options) {
  const auto host = environment.text("REDIS_HOST");
  const auto port = environment.number("REDIS_PORT", 1, 65535);
  const auto db = environment.number("REDIS_DB", 0, 65535);
  options.redis_username = environment.text("REDIS_USERNAME");
  options.redis_password = environment.text("REDIS_PASSWORD");
  if (const auto url = environment.text("REDIS_URL"); !url.empty()) {
    check_url(url);
    options.redis_url = url;
    return true;
  }
  if (host.empty() && !port && !db) return false;
  options.redis_url = url_of(host.empty() ? "localhost" : host, port, db);
  return true;
}

Backend read_backend(const Environment& environment, bool has_address) {
  const auto name = lower(environment.text("MEMORY_BACKEND"));
  if (!name.empty() && name != "redis" && name != "sqlite")
    refuse(fmt::format("MEMORY_BACKEND is '{}'; use redis or sqlite", printable(name)));
  const auto enabled = environment.flag("REDIS_ENABLED");
  if (enabled == false) return Backend::sqlite;
  if (!name.empty()) return name == "redis" ? Backend::redis : Backend::sqlite;
  return has_address || enabled == true ? Backend::redis : Backend::sqlite;
}

Level read_level(const Environment& environment, Level unset) {
  const auto name = lower(environment.text("COMEM_LEVEL"));
  if (name.empty()) return unset;
  if (name == "local") return Level::local;
  if (name == "durable") return Level::durable;
  if (name == "shared") return Level::shared;
  if (name == "replicated") return Level::replicated;
  refuse(fmt::format("COMEM_LEVEL is '{}'; use local, durable, shared or replicated", printable(name)));
}

EmbeddingApi read_embedding_api(const Environment& environment) {
  const auto name = lower(environment.text("COMEM_EMBEDDING"));
  if (name.empty() || name == "off") return EmbeddingApi::off;
  if (name == "openai") return EmbeddingApi::openai;
  if (name == "ollama") return EmbeddingApi::ollama;
  refuse(fmt::format("COMEM_EMBEDDING is '{}'; use openai, ollama or off", printable(name)));
}

Stemming read_stemming(const Environment& environment) {
  const auto name = lower(environment.text("COMEM_STEMMING"));
  if (name.empty() || name == "english") return Stemming::english;
  if (name == "none") return Stemming::none;
  refuse(fmt::format("COMEM_STEMMING is '{}'; use english or none", printable(name)));
}

void read_text(const Environment& environment, const char* name, std::string& value) {
  if (auto text = environment.text(name); !text.empty()) value = std::move(text);
}

void read_embedding(const Environment& environment, Options& options) {
  options.embedding = read_embedding_api(environment);
  read_text(environment, "COMEM_EMBEDDING_URL", options.embedding_url);
  read_text(environment, "COMEM_EMBEDDING_MODEL", options.embedding_model);
  read_text(environment, "COMEM_EMBEDDING_API_KEY", options.embedding_api_key);
  read_text(environment, "COMEM_EMBEDDING_CA_FILE", options.embedding_ca_file);
  read_text(environment, "COMEM_EMBEDDING_QUERY_PREFIX", options.embedding_query_prefix);
  read_text(environment, "COMEM_EMBEDDING_DOCUMENT_PREFIX", options.embedding_document_prefix);
  options.embedding_dimensions = environment.number("COMEM_EMBEDDING_DIMENSIONS", 0, 65'536).value_or(0);
  if (const auto ms = environment.number("COMEM_EMBEDDING_TIMEOUT_MS", 1, 600'000))
    options.embedding_timeout = Milliseconds(*ms);
  if (const auto ms = environment.number("COMEM_EMBEDDING_QUERY_WAIT_MS", 0, 600'000))
    options.embedding_query_wait = Milliseconds(*ms);
  if (options.embedding != EmbeddingApi::off && options.embedding_model.empty())
    refuse("COMEM_EMBEDDING_MODEL is not set; name the model that the embedding service is to use");
}

}  // namespace

Options options_from(const GetEnvironment& get) {
  const Environment environment(get);
  Options options;
  const bool has_address = read_address(environment, options);
  options.backend = read_backend(environment, has_address);
  options.level = read_level(environment, options.level);
  read_text(environment, "COMEM_DB", options.database);
  options.set_aside_corrupt = environment.flag("COMEM_SET_ASIDE_CORRUPT").value_or(false);
  options.stemming = read_stemming(environment);
  options.keep_index = environment.flag("COMEM_KEEP_INDEX").value_or(true);
  read_embedding(environment, options);
  read_text(environment, "COMEM_NAMESPACE", options.ns);
  read_text(environment, "COMEM_AGENT_ID", options.agent_id);
  check_id(options.ns, "COMEM_NAMESPACE");
  check_id(options.agent_id, "COMEM_AGENT_ID");
  return options;
}

}  // namespace comem::memory

namespace comem {

Options Options::from_environment() {
  return memory::options_from([](const char* name) -> const char* { return std::getenv(name); });
}

}  // namespace comem
