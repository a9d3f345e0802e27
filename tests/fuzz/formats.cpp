// The small formats: counters, addresses of Redis, times, and text made fit for the store. Byte 0 says which.

#include <cstring>

#include "adapters/redis/url.hpp"
#include "cli/clean_text.hpp"
#include "core/counters.hpp"
#include "core/utf8.hpp"
#include "memory/environment.hpp"
#include "memory/timestamps.hpp"
#include "property.hpp"

namespace comem::fuzz {
namespace {

std::optional<CounterSet> counters_of(std::string_view text) {
  CounterSet set;
  if (!accepts([&] { set = CounterSet::decode(text); }, {errc::corrupt})) return std::nullopt;
  require(CounterSet::decode(set.encode()) == set, "counters can be written and read again");
  return set;
}

void check_counters(Input input) {
  const auto a = counters_of(input.until('|')), b = counters_of(input.rest());
  if (!a || !b) return;
  CounterSet ab = *a, ba = *b;
  const bool grew = ab.merge(*b);
  ba.merge(*a);
  require(ab == ba, "merging is commutative");
  require(grew == !(ab == *a), "merging says whether anything grew");
  require(!ab.merge(*a) && !ab.merge(*b), "merging is idempotent");
  for (const auto counter : {Counter::executions, Counter::last_access_ms})
    require(ab.total(counter) >= std::max(a->total(counter), b->total(counter)), "merging loses no count");
}

bool printable_only(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

void check_url(std::string_view text) {
  using redis::Address;
  Address address;
  if (!accepts([&] { address = redis::parse_url(text); }, {errc::invalid_argument})) return;
  const auto endpoint = address.endpoint();
  require(printable_only(endpoint), "an address can be shown");
  if (address.kind == Address::Kind::unix_socket)
    return require(address.path.size() >= 2, "a socket has a path");
  require(!address.host.empty() && address.port != 0, "an address has host and port");
  const auto again = redis::parse_url(endpoint);
  require(again.kind == address.kind && again.host == address.host && again.port == address.port &&
              again.db == address.db,
          "what is shown of an address is the address");
  require(again.username.empty() && again.password.empty(), "but for user and password");
}

/// REDIS_HOST becomes part of a URL, and must neither break it nor become more of it than the host.
void check_host_variable(std::string_view text) {
  const std::string host(text.substr(0, text.find('\0')));
  const auto get = [&](const char* name) {
    return std::string_view(name) == "REDIS_HOST" ? host.c_str() : nullptr;
  };
  Options options;
  if (!accepts([&] { options = memory::options_from(get); }, {errc::invalid_argument}) || host.empty())
    return;
  redis::Address address;
  require(accepts([&] { address = redis::parse_url(options.redis_url); }, {errc::invalid_argument}),
          "a host that is accepted gives an address");
  require(address.host == host && address.port == 6379 && address.db == 0 && address.password.empty(),
          "a host is the host and nothing else");
}

void check_time_text(std::string_view text) {
  const auto time = memory::parse_time(text);
  if (!time) return;
  require(*time >= memory::earliest_time && *time <= memory::latest_time,
          "a time is within four-digit years");
  require(memory::parse_time(memory::format_time(*time)) == time, "a time can be written and read again");
}

void check_time_number(std::string_view bytes) {
  std::int64_t ms = 0;
  std::memcpy(&ms, bytes.data(), std::min(bytes.size(), sizeof ms));
  const TimePoint time{Milliseconds(ms)};
  require(memory::parse_time(memory::format_time(time)) ==
              std::clamp(time, memory::earliest_time, memory::latest_time),
          "any time can be written");
}

void check_text(Input input) {
  const std::size_t bound = input.byte();
  const auto text = input.rest();
  const auto clean = cli::clean_text(text, bound);
  require(clean.size() <= bound && is_utf8(clean) && clean.find('\0') == std::string::npos,
          "clean text is clean");
  if (is_utf8(text) && text.size() <= bound && text.find('\0') == std::string_view::npos)
    require(clean == text, "clean text stays as it is");
  const auto cut = cut_utf8(text, bound);
  require(cut.size() <= bound && text.starts_with(cut), "cutting keeps the front");
  if (is_utf8(text))
    require(is_utf8(cut) && cut.size() + 3 >= std::min(bound, text.size()), "and no half character");
  const auto shown = printable(text);
  require(is_utf8(shown) && printable_only(shown) && shown.size() <= 96,
          "what is shown is short and printable");
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem::fuzz;
  Input input(data, size);
  switch (input.byte()) {
    case 'c':
      check_counters(input);
      break;
    case 'u':
      check_url(input.rest());
      break;
    case 'h':
      check_host_variable(input.rest());
      break;
    case 't':
      check_time_text(input.rest());
      break;
    case 'n':
      check_time_number(input.rest());
      break;
    default:
      check_text(input);
      break;
  }
  return 0;
}
