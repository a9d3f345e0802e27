#include "adapters/redis/resp.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace comem::redis {
namespace {

using Kind = Value::Kind;
using Status = RespDecoder::Status;

/// A value as text, to compare whole replies.
std::string show(const Value& value) {
  std::string out;
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::text:
      return "'" + value.text + "'";
    case Kind::error:
      return "error'" + value.text + "'";
    case Kind::integer:
      return std::to_string(value.integer);
    case Kind::real:
      return std::to_string(value.real);
    case Kind::boolean:
      return value.integer != 0 ? "true" : "false";
    case Kind::big_number:
      return "big" + value.text;
    case Kind::array:
      out = "[";
      break;
    case Kind::map:
      out = "map[";
      break;
    case Kind::set:
      out = "set[";
      break;
    case Kind::push:
      out = "push[";
      break;
  }
  for (const auto& item : value.items) out += show(item) + " ";
  return out + "]";
}

std::string decode(std::string_view bytes, std::size_t step = 1'000'000, RespLimits limits = {}) {
  RespDecoder decoder(limits);
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    decoder.feed(bytes.substr(at, step));
    Value value;
    for (;;) {
      const auto status = decoder.next(value);
      if (status == Status::broken) return out + "broken: " + decoder.error();
      if (status == Status::need_more) break;
      out += show(value) + "\n";
    }
  }
  return out;
}

const std::string all_types =
    "+OK\r\n-ERR "
    "no\r\n:-42\r\n$5\r\nab\r\nc\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*1\r\n+x\r\n_\r\n,1.5\r\n,-"
    "inf\r\n"
    "#t\r\n#f\r\n!5\r\nERR "
    "x\r\n=7\r\ntxt:a:b\r\n(-123456789012345678901234567890\r\n%2\r\n+k\r\n:1\r\n+l\r\n_\r\n"
    "~2\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n:9\r\n+described\r\n*2\r\n|1\r\n+a\r\n*1\r\n+b\r\n:1\r\n:2\r\n>2\r\n+"
    "message\r\n+m\r\n|0\r\n+z\r\n";

TEST_CASE("resp: every type") {
  CHECK(decode(all_types) ==
        "'OK'\nerror'ERR no'\n-42\n'ab\r\nc'\n''\nnull\nnull\n[]\n[1 ['x' ] "
        "]\nnull\n1.500000\n-inf\ntrue\nfalse\n"
        "error'ERR x'\n'a:b'\nbig-123456789012345678901234567890\nmap['k' 1 'l' null ]\nset[1 2 "
        "]\n'described'\n"
        "[1 2 ]\npush['message' 'm' ]\n'z'\n");
}

TEST_CASE("resp: split at every byte") {
  const auto whole = decode(all_types);
  for (std::size_t step = 1; step < 40; ++step) CHECK(decode(all_types, step) == whole);
  for (std::size_t cut = 1; cut < all_types.size(); ++cut) {
    RespDecoder decoder;
    Value value;
    std::string out;
    for (const auto& part : {all_types.substr(0, cut), all_types.substr(cut)}) {
      decoder.feed(part);
      while (decoder.next(value) == Status::value) out += show(value) + "\n";
    }
    CHECK(out == whole);
  }
}

TEST_CASE("resp: what is malformed breaks the stream for good") {
  for (const std::string& bad : std::vector<std::string>{"\r\n",
                                                         "x\r\n",
                                                         "HTTP/1.1 400 Bad Request\r\n",
                                                         "SSH-2.0-OpenSSH\r\n",
                                                         "+OK\n",
                                                         "+a\rb\r\n",
                                                         ":\r\n",
                                                         ":1x\r\n",
                                                         ":99999999999999999999\r\n",
                                                         "$-2\r\n",
                                                         "$x\r\n",
                                                         "$3\r\nabcde\r\n",
                                                         "*-2\r\n",
                                                         "*x\r\n",
                                                         "%-1\r\n",
                                                         "$?\r\n",
                                                         "*?\r\n",
                                                         "%?\r\n",
                                                         "~?\r\n",
                                                         ">?\r\n",
                                                         ";4\r\n",
                                                         ".\r\n",
                                                         ",x\r\n",
                                                         "#x\r\n",
                                                         "#\r\n",
                                                         "(1x\r\n",
                                                         "(\r\n",
                                                         "_x\r\n",
                                                         "=3\r\nabc\r\n",
                                                         "=4\r\nabcd\r\n",
                                                         "!-1\r\n",
                                                         "*1\r\n>1\r\n+x\r\n",
                                                         std::string("\0\0\0", 3).append("\r\n")}) {
    RespDecoder decoder;
    decoder.feed(bad + "+OK\r\n");
    Value value;
    CHECK_MESSAGE(decoder.next(value) == Status::broken, bad);
    CHECK_FALSE(decoder.error().empty());
    decoder.feed("+OK\r\n");
    CHECK(decoder.next(value) == Status::broken);
  }
}

TEST_CASE("resp: limits") {
  RespLimits limits;
  limits.line_bytes = 16;
  limits.bulk_bytes = 100;
  limits.total_bytes = 150;
  limits.elements = 10;
  limits.depth = 3;
  const auto broken = [&](const std::string& bytes) {
    return decode(bytes, 7, limits).find("broken") != std::string::npos;
  };
  CHECK_FALSE(broken("+" + std::string(15, 'a') + "\r\n"));
  CHECK(broken("+" + std::string(16, 'a') + "\r\n"));
  CHECK(broken(std::string(17, '+')));  // before its end arrives
  CHECK_FALSE(broken("$100\r\n" + std::string(100, 'a') + "\r\n"));
  CHECK(broken("$101\r\n"));
  CHECK(broken("*2\r\n$100\r\n" + std::string(100, 'a') + "\r\n$51\r\n"));
  CHECK_FALSE(broken("$100\r\n" + std::string(100, 'a') + "\r\n$51\r\n"));  // of a reply, not of a stream
  CHECK_FALSE(broken("*9\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"));
  CHECK(broken("*11\r\n"));
  CHECK(broken("%6\r\n"));
  CHECK(broken("*4\r\n*4\r\n*4\r\n"));
  CHECK_FALSE(broken("*1\r\n*1\r\n*1\r\n:1\r\n"));
  CHECK(broken("*1\r\n*1\r\n*1\r\n*1\r\n"));
  CHECK(broken("*9223372036854775807\r\n"));
  CHECK(broken("$9223372036854775807\r\n"));
  std::string attributes;
  for (int i = 0; i < 20; ++i) attributes += "|0\r\n";
  CHECK(broken(attributes));
}

TEST_CASE("resp: a count alone reserves nothing") {
  RespDecoder decoder;
  for (int i = 0; i < 15; ++i) decoder.feed("*60000\r\n");
  Value value;
  CHECK(decoder.next(value) == Status::need_more);  // and the sanitizers' memory limit is not reached
}

TEST_CASE("resp: random bytes never crash it") {
  std::mt19937 random(7);
  const std::string alphabet = "+-:$*_,#!=(%~>|;?0123456789\r\n\r\n\r\ntfax";
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = round % 2 == 0 ? all_types : std::string();
    for (int i = 0; i < 60; ++i) {
      const char c = alphabet[random() % alphabet.size()];
      if (bytes.empty() || round % 2 != 0)
        bytes += c;
      else
        bytes[random() % bytes.size()] = c;
    }
    const auto whole = decode(bytes);
    CHECK(decode(bytes, 1 + random() % 9) == whole);
  }
}

TEST_CASE("resp: commands") {
  std::string out;
  append_command(out, {"SET", std::string_view("a\0\r\n", 4), ""});
  CHECK(out == std::string("*3\r\n$3\r\nSET\r\n$4\r\na\0\r\n\r\n$0\r\n\r\n", 29));
}

TEST_CASE("resp: find in maps and in arrays of pairs") {
  for (const std::string bytes : {"%1\r\n+k\r\n:5\r\n", "*2\r\n+k\r\n:5\r\n"}) {
    RespDecoder decoder;
    decoder.feed(bytes);
    Value value;
    REQUIRE(decoder.next(value) == Status::value);
    REQUIRE(value.find("k") != nullptr);
    CHECK(value.find("k")->integer == 5);
    CHECK(value.find("l") == nullptr);
  }
}

TEST_CASE("resp: the decoder knows whether it is within a reply") {
  for (const std::string_view bytes :
       {"*2\r\n$3\r\nabc\r\n:1\r\n", "+OK\r\n", ">1\r\n+x\r\n", "$0\r\n\r\n"}) {
    RespDecoder decoder;
    Value value;
    CHECK_FALSE(decoder.within_reply());
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
      decoder.feed(bytes.substr(i, 1));
      CHECK(decoder.next(value) == Status::need_more);
      CHECK(decoder.within_reply());
    }
    decoder.feed(bytes.substr(bytes.size() - 1));
    CHECK(decoder.next(value) == Status::value);
    CHECK_FALSE(decoder.within_reply());
  }
}

}  // namespace
}  // namespace comem::redis
