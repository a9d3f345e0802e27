// The names of keys in Redis (adapters/redis/keys.hpp), for two records whose parts may be any bytes.

#include "adapters/redis/keys.hpp"

#include <array>
#include <tuple>
#include <vector>

#include "property.hpp"

namespace comem::fuzz {
namespace {

using redis::escape;
using redis::Keys;

constexpr std::array types{MemoryType::working, MemoryType::episodic, MemoryType::semantic, MemoryType::skill,
                           MemoryType::session};

struct Parts {
  explicit Parts(Input& input)
      : type(types[input.byte() % types.size()]), ns(input.part()), id(input.part()), lookup(input.part()) {}
  MemoryType type;
  std::string ns, id, lookup;
};

/// A key and all that it may depend on: equal keys must have equal owners.
struct Named {
  std::string key;
  std::tuple<std::string, std::string, std::string, std::string> owner;
};

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    require(i + 2 < text.size(), "an escape has two digits");
    out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return out;
}

void check_escape(const std::string& part) {
  const auto escaped = escape(part);
  require(unescape(escaped) == part, "escaping can be undone");
  require(escaped.size() <= 3 * part.size(), "escaping is bounded");
  const bool plain = std::all_of(escaped.begin(), escaped.end(), [](unsigned char c) {
    return c >= 0x20 && c != 0x7f && c != '{' && c != '}' && c != ':';
  });
  require(plain, "an escaped part has no colon, brace or control byte");
}

std::vector<Named> keys_of(const Parts& parts) {
  const Keys keys(parts.ns);
  const std::string type(name_of(parts.type));
  const bool by_agent = parts.type == MemoryType::working;
  std::vector<Named> named{{keys.value(parts.type, parts.id, parts.lookup),
                            {"value", parts.ns, type + ':' + parts.id, by_agent ? parts.lookup : ""}},
                           {keys.metas(), {"metas", parts.ns, "", ""}},
                           {keys.index(parts.type), {"index", parts.ns, type, ""}},
                           {keys.log(), {"log", parts.ns, "", ""}},
                           {keys.expiry(), {"expiry", parts.ns, "", ""}},
                           {keys.state(), {"state", parts.ns, "", ""}}};
  if (auto lookup = keys.lookup(parts.type, parts.lookup); !lookup.empty())
    named.push_back({std::move(lookup), {"lookup", parts.ns, type, parts.lookup}});
  return named;
}

/// What Redis Cluster hashes of a key: what stands between the first '{' and the first '}' behind it.
std::string_view hash_tag(std::string_view key) {
  const auto open = key.find('{');
  const auto close = open == std::string_view::npos ? open : key.find('}', open + 1);
  return close == std::string_view::npos || close == open + 1 ? key : key.substr(open + 1, close - open - 1);
}

void check_tag(const Parts& parts) {
  if (parts.ns.empty()) return;  // the library accepts no such namespace
  for (const auto& [key, owner] : keys_of(parts))
    require(hash_tag(key) == escape(parts.ns), "every key lies in the namespace's slot");
  require(hash_tag(Keys(parts.ns).channel(parts.type)) == escape(parts.ns), "and so does every channel");
}

void check_apart(const Parts& a, const Parts& b) {
  for (const auto& [key, owner] : keys_of(a))
    for (const auto& [other_key, other_owner] : keys_of(b))
      require((key == other_key) == (owner == other_owner), "different things have different keys");
  const bool same_member = Keys::member(a.type, a.id) == Keys::member(b.type, b.id);
  require(same_member == (a.type == b.type && a.id == b.id), "different records are different members");
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem::fuzz;
  Input input(data, size);
  const Parts a(input), b(input);
  for (const auto* part : {&a.ns, &a.id, &a.lookup, &b.ns, &b.id, &b.lookup}) check_escape(*part);
  check_tag(a);
  check_apart(a, a);
  check_apart(a, b);
  return 0;
}
