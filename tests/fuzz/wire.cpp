// What Redis answers (adapters/redis/replies.hpp, wire.hpp, diagnosis.hpp, link_machine.hpp). Byte 0 says
// what the rest is: a stream of RESP, or a page, an answer to a push, a hint or a greeting in a form that
// mutates well.

#include "adapters/redis/wire.hpp"

#include <cmath>

#include "adapters/redis/diagnosis.hpp"
#include "adapters/redis/reasons.hpp"
#include "adapters/redis/replies.hpp"
#include "core/ids.hpp"
#include "core/record_digest.hpp"
#include "property.hpp"
#include "redis_values.hpp"

namespace comem::fuzz {
namespace {

using storage::PushStatus;
using Kind = redis::Value::Kind;

const std::string run_id = "9f.run";
constexpr TimePoint now{Milliseconds(1'700'000'000'000)};

/// The words of a command as the server would see them.
std::vector<std::string> words_of(const redis::Request& request) {
  const auto commands = values_of(request.bytes());
  require(commands.size() == 1 && request.commands() == 1, "a request is one command");
  std::vector<std::string> words;
  for (const auto& item : commands[0].items) words.push_back(item.text);
  return words;
}

/// The entry of a page that the scripts would make of this push.
Value entry_after(const std::vector<std::string>& words) {
  const std::size_t first = 3 + std::stoul(words.at(2)) + 4;  // of the first record
  return list({text(words.at(first) + ":" + words.at(first + 1)), text(words.at(first + 2)),
               text(words.at(first + 3))});
}

bool same(const Record& a, const Record& b) {
  return a.key == b.key && a.version == b.version && a.deleted == b.deleted && a.expires_at == b.expires_at &&
         a.created_at == b.created_at && a.writer == b.writer && a.lookup == b.lookup && a.score == b.score &&
         a.value == b.value && a.counters == b.counters;
}

void check_record(const Record& record, const std::string& ns) {
  require(record.key.ns == ns && !record.key.id.empty() && record.key.id.size() <= max_id_bytes,
          "a record has a key of this namespace");
  require(!record.version.store.empty() && record.version.ms >= 0, "a record has a version");
  require(record.deleted == record.value.empty(), "only a tombstone has no value");
  require(record.value.size() <= redis::max_wire_value, "a value is bounded");
  require(std::isfinite(record.score), "a score is a number");
  require(CounterSet::decode(record.counters.encode()) == record.counters, "counters can be stored");
  redis::Request request;
  const redis::Keys keys(ns);
  const std::vector<const Record*> records{&record, &record};
  redis::add_apply(request, keys, records, now, "epoch", "nonce");
  const auto words = words_of(request);
  for (std::size_t i = 0; i < std::stoul(words.at(2)); ++i)
    require(words.at(3 + i).starts_with(keys.prefix()), "every key is of this namespace");
  const auto again = redis::record_from(ns, entry_after(words));
  require(again && same(*again, record), "a record that was pulled comes back as it is when it is pushed");
  require(digest_hash(*again) == digest_hash(record), "and both sides agree on it");
}

void check_page(const Value& value) {
  const std::string ns = "n{s}";
  const auto page = redis::read_page(ns, value, run_id);
  require(page.answered == page.reason.empty(), "a page is answered or says why not");
  require(page.answered == !page.position.epoch.empty(), "only an answer has a position");
  if (!page.answered) return require(page.records.empty() && page.skipped == 0, "no answer has no records");
  require(!redis::epoch_within(page.position.epoch, run_id).empty(), "the epoch is one of this server");
  require(redis::epoch_within(page.position.epoch, "other").empty(), "and of no other one");
  require(page.records.size() <= value.items[6].items.size(), "no record is made up");
  for (const auto& record : page.records) check_record(record, ns);
  redis::Request next;
  redis::add_pull(next, redis::Keys(ns), page.position, 500, "epoch", "nonce");
  require(words_of(next).size() == 13, "the next page can be asked for");
}

void check_push_answer(const Value& value) {
  constexpr std::size_t records = 2;
  const auto answer = redis::read_push_answer(value, records, run_id);
  require(answer.statuses.size() == records, "every record has a status");
  for (std::size_t i = 0; i < records; ++i) {
    const auto status = answer.statuses[i];
    require(status != PushStatus::not_sent, "what was answered was sent");
    if (status == PushStatus::unknown) continue;
    require(!answer.position.epoch.empty(), "only an answer with a position is believed");
    const auto& word = value.items.at(3 + i).text;
    require(status == PushStatus::refused || word == "applied" || word == "merged" || word == "superseded",
            "only the script's words are taken for success");
    require((status == PushStatus::superseded) == (word == "superseded"), "and for nothing else");
  }
}

void check_hint(std::string_view message) {
  const auto hint = redis::read_hint("n{s}", message, run_id);
  if (!hint) return;
  const auto epoch = redis::epoch_within(hint->position.epoch, run_id);
  require(!epoch.empty() && message.starts_with(epoch), "a hint's epoch is in its message");
  require(hint->position.seq < (std::uint64_t{1} << 53), "a sequence is exact");
  for (const auto& record : hint->records) check_record(record, "n{s}");
}

/// Every byte that goes out must be a whole command, and a greeting ends up, waiting or not at all.
void check_greeting(const std::vector<Value>& replies) {
  using Phase = redis::LinkMachine::Phase;
  redis::Login login;
  login.password = "secret";
  login.db = 3;
  redis::LinkMachine machine(login, redis::LinkTimes(), 1);
  const SteadyTime start{};
  machine.start(start);
  machine.on_connected(start);
  for (const auto& reply : replies) {
    const auto out = machine.on_greeting_reply(reply, start);
    for (const auto& command : values_of(out)) require(!command.items.empty(), "a command has words");
    const auto phase = machine.phase();
    require(phase == Phase::greeting || phase == Phase::up || phase == Phase::waiting,
            "a greeting goes on or ends");
    require((phase == Phase::waiting) == !machine.reason().empty(), "a greeting that failed says why");
    require(machine.next() >= start, "something is due later");
    for (const auto& shown : {machine.server_name(), machine.server_version(), machine.identity()})
      require(shown.size() <= 129 &&
                  std::all_of(shown.begin(), shown.end(), [](char c) { return c > 0x20 && c < 0x7f; }),
              "what is shown of a server is short and plain");
  }
}

void check_diagnosis(const std::vector<Value>& replies) {
  redis::Reply reply;
  reply.values = replies;
  const auto findings =
      redis::health_findings(reply, Milliseconds(1), now, "redis://h:1/0", "redis", "7.0.15", true);
  require(!findings.empty(), "a diagnosis finds something");
  for (const auto& finding : findings) {
    require(finding.text.size() < 512, "a finding is short");
    require((finding.severity == Finding::Severity::ok) == finding.remedy.empty(), "trouble has a remedy");
  }
}

void check_error(const Value& value) {
  require(!redis::reason_for_reply(value.text).empty(), "an error has a reason");
  require(!redis::code_of(value.text).empty(), "an error has a code");
  redis::spoils_connection(value.text);
}

void check_stream(std::string_view bytes) {
  const auto values = values_of(bytes);
  for (const auto& value : values) {
    check_page(value);
    check_push_answer(value);
    check_hint(value.text);
    check_error(value);
  }
  check_greeting(values);
  check_diagnosis(values);
}

/// Lines "epoch", "last", "reached", "more", "skipped", then a record a line.
Value page_of(Input input) {
  std::vector<Value> page{text("nonce")}, entries;
  for (int i = 0; i < 3; ++i) page.push_back(text(input.until('\n')));
  for (int i = 0; i < 2; ++i) page.push_back(number(input.until('\n')));
  while (!input.empty()) entries.push_back(record_of(input.until('\n')));
  page.push_back(list(std::move(entries)));
  return list(std::move(page));
}

/// A reply a part (parts end with NUL, since INFO has line ends): "-..." an error, "%k=v=k=v" a map, else a
/// text.
std::vector<Value> replies_of(Input input) {
  std::vector<Value> replies;
  while (!input.empty()) {
    auto part = input.until('\0');
    const char kind = part.empty() ? '+' : part[0];
    if (kind == '-') {
      replies.push_back(Value(Kind::error, std::string(part.substr(1))));
    } else if (kind == '%') {
      Value map(Kind::map);
      Input fields(reinterpret_cast<const std::uint8_t*>(part.data()) + 1, part.size() - 1);
      while (!fields.empty()) map.items.push_back(text(fields.until('=')));
      replies.push_back(std::move(map));
    } else {
      replies.push_back(text(part));
    }
  }
  return replies;
}

void check_replies(Input input) {
  const auto replies = replies_of(input);
  for (const auto& reply : replies) check_error(reply);
  check_greeting(replies);
  check_diagnosis(replies);
  Value answer(Kind::array);
  answer.items = replies;
  answer.items.insert(answer.items.begin(), text("nonce"));
  check_push_answer(answer);
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem::fuzz;
  Input input(data, size);
  switch (input.byte()) {
    case 'p':
      check_page(page_of(input));
      break;
    case 'a':
      check_replies(input);
      break;
    case 'h':
      check_hint(input.rest());
      break;
    default:
      check_stream(input.rest());
      break;
  }
  return 0;
}
