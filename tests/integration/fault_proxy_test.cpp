// The fault proxy itself: each fault does what it says, at the byte it says, and heals.

#include "tests/support/fault_proxy.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <doctest/doctest.h>

#include <set>

#include "tests/support/lying_server.hpp"
#include "tests/support/relay_bench.hpp"

namespace comem::testing {
namespace {

using asio::ip::tcp;

/// A client that remembers what came and how it ended.
class Client {
 public:
  explicit Client(asio::any_io_executor executor) : socket_(std::move(executor)) {}
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  asio::awaitable<boost::system::error_code> connect(int port) {
    const tcp::endpoint place(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port));
    boost::system::error_code error;
    socket_.close(error);
    co_await socket_.async_connect(place, asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      auto task = listen();
      asio::co_spawn(socket_.get_executor(), std::move(task), asio::detached);
    }
    co_return error;
  }

  asio::awaitable<void> say(std::string words) {
    boost::system::error_code ignored;
    co_await asio::async_write(socket_, asio::buffer(words),
                               asio::redirect_error(asio::use_awaitable, ignored));
  }

  void close() { socket_.close(); }
  /// Whether exactly this has been heard; waits for it.
  asio::awaitable<bool> hears(std::string words) {
    const bool came = co_await comes_true([this, &words] { return heard == words; }, std::chrono::seconds(5));
    co_return came;
  }
  asio::awaitable<bool> ends() {
    const bool came = co_await comes_true([this] { return end.has_value(); }, std::chrono::seconds(5));
    co_return came;
  }

  std::string heard;
  std::size_t pieces = 0;
  std::optional<boost::system::error_code> end;

 private:
  /// The client outlives the loop's last turn.
  asio::awaitable<void> listen() {
    std::string buffer(4096, '\0');
    while (!end) {
      boost::system::error_code error;
      const auto size = co_await socket_.async_read_some(asio::buffer(buffer),
                                                         asio::redirect_error(asio::use_awaitable, error));
      heard += buffer.substr(0, size);
      ++pieces;
      if (error) end = error;
    }
  }

  tcp::socket socket_;
};

/// A server that echoes, the proxy before it, and a client that is connected.
struct Scene {
  explicit Scene(asio::any_io_executor executor)
      : server(std::make_shared<LyingServer>(executor,
                                             [this](const std::string& words, int) {
                                               received += words;
                                               return words;
                                             })),
        proxy(server->port()),
        client(executor),
        other(executor) {
    server->start();
  }

  std::string received;
  std::shared_ptr<LyingServer> server;
  FaultProxy proxy;
  Client client, other;
};

using Act = asio::awaitable<void> (*)(Scene&);

asio::awaitable<void> play(std::shared_ptr<Scene> scene, Act act) {
  const auto error = co_await scene->client.connect(scene->proxy.port());
  REQUIRE_FALSE(error);
  co_await scene->client.say("before.");
  CHECK(co_await scene->client.hears("before."));
  scene->client.heard.clear();
  scene->received.clear();
  co_await act(*scene);
  scene->client.close();
  scene->other.close();
  scene->server->stop();
}

void run(Act act) {
  std::shared_ptr<Scene> scene;  // gone after the loop has run dry
  run_bounded([&](asio::any_io_executor executor) {
    scene = std::make_shared<Scene>(executor);
    return play(scene, act);
  });
}

asio::awaitable<void> works(Scene& scene) {
  const auto error = co_await scene.other.connect(scene.proxy.port());
  CHECK_FALSE(error);
  co_await scene.other.say("healed");
  CHECK(co_await scene.other.hears("healed"));
}

TEST_CASE("proxy: refuses on a port that it keeps") {
  run([](Scene& scene) -> asio::awaitable<void> {
    scene.proxy.set(Faults::refused());
    CHECK(co_await scene.client.ends());
    CHECK(*scene.client.end == asio::error::connection_reset);
    const auto error = co_await scene.other.connect(scene.proxy.port());
    CHECK(error == asio::error::connection_refused);
    CHECK(scene.proxy.live() == 0);
    scene.proxy.heal();
    co_await works(scene);
    CHECK(scene.proxy.accepted() == 2);
  });
}

TEST_CASE("proxy: holds everything, and lets it go") {
  run([](Scene& scene) -> asio::awaitable<void> {
    scene.proxy.set(Faults::black_hole());
    co_await scene.client.say("held");
    const auto error = co_await scene.other.connect(scene.proxy.port());
    CHECK_FALSE(error);
    co_await scene.other.say("too");
    CHECK_FALSE(co_await comes_true([&] { return !scene.received.empty(); }, Milliseconds(30)));
    scene.proxy.heal();
    CHECK(co_await scene.client.hears("held"));
    CHECK(co_await scene.other.hears("too"));
  });
}

TEST_CASE("proxy: half-open, what is lost stays lost") {
  run([](Scene& scene) -> asio::awaitable<void> {
    scene.proxy.set(Faults::replies_swallowed());
    co_await scene.client.say("one way");
    CHECK(co_await comes_true([&] { return scene.received == "one way"; }));
    scene.proxy.set(Faults::half_open());
    co_await scene.client.say("no way");
    CHECK_FALSE(co_await comes_true([&] { return !scene.client.heard.empty() || scene.client.end; },
                                    Milliseconds(30)));
    CHECK(scene.received == "one way");
    scene.proxy.heal();
    CHECK(co_await scene.client.ends());
    co_await works(scene);
  });
}

TEST_CASE("proxy: ends connections at a byte") {
  run([](Scene& scene) -> asio::awaitable<void> {
    scene.proxy.set(Faults::reset_requests_at(3));
    co_await scene.client.say("12345");
    CHECK(co_await scene.client.ends());
    CHECK(*scene.client.end == asio::error::connection_reset);
    scene.proxy.set(Faults::cut_replies_at(3));
    const auto error = co_await scene.other.connect(scene.proxy.port());
    CHECK_FALSE(error);
    co_await scene.other.say("12345");
    CHECK(co_await scene.other.ends());
    CHECK(*scene.other.end == asio::error::eof);
    CHECK(scene.other.heard == "123");
    const bool no_more = scene.received == "12312345" || scene.received == "12345";
    CHECK_MESSAGE(no_more, scene.received);
  });
  run([](Scene& scene) -> asio::awaitable<void> {
    scene.proxy.set(Faults::reset_replies_at(4));
    co_await scene.client.say("12345");
    CHECK(co_await scene.client.ends());
    CHECK(*scene.client.end == asio::error::connection_reset);
    CHECK(scene.client.heard == "1234");
    scene.proxy.heal();
    co_await works(scene);
  });
}

TEST_CASE("proxy: garbage comes between, once a connection") {
  run([](Scene& scene) -> asio::awaitable<void> {
    scene.proxy.set(Faults::garbage_in_replies_at(2, "<?>"));
    co_await scene.client.say("1234");
    CHECK(co_await scene.client.hears("12<?>34"));
    co_await scene.client.say("56");
    CHECK(co_await scene.client.hears("12<?>3456"));
  });
}

TEST_CASE("proxy: drips and dawdles") {
  run([](Scene& scene) -> asio::awaitable<void> {
    scene.proxy.set(Faults::drip(2, Milliseconds(5)));
    const auto pieces = scene.client.pieces;
    co_await scene.client.say("12345678");
    CHECK(co_await scene.client.hears("12345678"));
    CHECK(scene.client.pieces - pieces >= 2);
    scene.proxy.set(Faults::latency(Milliseconds(20)));
    const auto begun = std::chrono::steady_clock::now();
    co_await scene.client.say("9");
    CHECK(co_await scene.client.hears("123456789"));
    CHECK(std::chrono::steady_clock::now() - begun >= Milliseconds(40));
  });
}

TEST_CASE("proxy: a reply lost, a reply doubled") {
  run([](Scene& scene) -> asio::awaitable<void> {
    scene.client.heard.clear();
    co_await scene.client.say("+half");  // "before." was no RESP, so this connection is not judged
    CHECK(co_await scene.client.hears("+half"));
    scene.proxy.set(Faults::judged(nth_replies(1, 1, Fate::swallow)));
    const auto error = co_await scene.other.connect(scene.proxy.port());
    CHECK_FALSE(error);
    co_await scene.other.say("+1\r\n*2\r\n+no\r\n$4\r\nlost\r\n:3\r\n");
    CHECK(co_await scene.other.hears("+1\r\n:3\r\n"));
    scene.proxy.set(Faults::judged(nth_replies(0, 1, Fate::twice)));
    scene.other.heard.clear();
    co_await scene.other.say("$1\r\nx\r\n+y\r\n");
    CHECK(co_await scene.other.hears("$1\r\nx\r\n$1\r\nx\r\n+y\r\n"));
  });
}

TEST_CASE("reply filter: whole replies only, wherever the bytes are parted") {
  const std::string before = "$3\r\nabc\r\n", push = ">2\r\n+message\r\n:1\r\n";
  const std::string first = "*2\r\n%1\r\n+k\r\n_\r\n$4\r\n\r\n\r\n\r\n", second = "-ERR no\r\n",
                    third = ":1\r\n";
  const std::string all = before + first + push + second + third;
  for (std::size_t parted = 0; parted <= all.size(); ++parted) {
    CAPTURE(parted);
    for (const auto& [fate, expected] : {std::pair(Fate::swallow, push + second + third),
                                         std::pair(Fate::twice, first + first + push + second + third)}) {
      ReplyFilter filter;
      std::string out = filter.pass(before, nullptr);
      CHECK(out == before);
      const Judge judge = nth_replies(0, 1, fate);
      const std::string rest = all.substr(before.size());
      const auto at = std::min(parted, rest.size());
      out = filter.pass(rest.substr(0, at), judge);
      out += filter.pass(rest.substr(at), judge);
      CHECK(out == expected);
    }
  }
  ReplyFilter filter;
  CHECK(filter.pass(first.substr(0, 5), nullptr) == first.substr(0, 5));  // begun before there was a judge
  const Judge judge = nth_replies(0, 100, Fate::swallow);
  CHECK(filter.pass(first.substr(5) + second + "nonsense\r\n", judge) == first.substr(5) + "nonsense\r\n");
  CHECK(filter.pass(third, judge) == third);
}

}  // namespace
}  // namespace comem::testing
