#pragma once
// A real HTTP server of a test's own that gives fixed vectors, in the ways of OpenAI and of Ollama, and
// misbehaves when told to.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace comem::testing {

enum class Fault {
  none,
  slow,       ///< answers after `delay`
  status,     ///< answers `status` with an error in JSON
  garbage,    ///< 200, and what is no JSON
  no_http,    ///< bytes that are no HTTP
  count,      ///< one vector less than texts
  lengths,    ///< vectors of different lengths
  shorter,    ///< all vectors one number shorter than usual
  no_number,  ///< NaN in a vector, as some libraries write it
  nothing,    ///< 200 without a body
  huge,       ///< a body longer than anybody wants
  cut,        ///< closes in the midst of the body
  closed,     ///< closes without an answer
  silent,     ///< never answers
  until_end,  ///< right, but the answer has no length: it ends with the connection
  chunked,    ///< right, in chunks of three bytes
};

/// What requests meet from now on.
struct Behaviour {
  Behaviour() = default;
  Fault fault = Fault::none;
  unsigned status = 500;
  std::string retry_after;  ///< header beside a status
  int times = -1;           ///< so many requests, then all is well again; -1: for ever
  std::chrono::milliseconds delay{500};
  std::string refused_word;  ///< 400 for requests that have it in a text
};

class EmbeddingServer {
 public:
  using Vectors = std::function<std::vector<float>(const std::string& text)>;

  /// Listens on a free port of 127.0.0.1. With a certificate and key (PEM files) it speaks TLS.
  explicit EmbeddingServer(Vectors vectors, const std::string& certificate = {}, const std::string& key = {});
  ~EmbeddingServer();
  EmbeddingServer(const EmbeddingServer&) = delete;
  EmbeddingServer& operator=(const EmbeddingServer&) = delete;

  /// http://127.0.0.1:port, or https://localhost:port with TLS.
  std::string url() const;
  void behave(Behaviour behaviour);
  void behave(Fault fault, int times = -1);
  /// Other vectors from now on: as if the model had been replaced.
  void give(Vectors vectors);

  std::size_t requests() const { return requests_; }
  std::size_t texts() const { return texts_; }
  std::size_t connections() const { return connections_; }
  /// Of the last request: method and path, and the value of Authorization.
  std::string last_target() const;
  std::string last_authorization() const;
  std::string last_body() const;
  /// All texts that were embedded, in order.
  std::vector<std::string> seen() const;

 private:
  struct Connection;
  class Tls;
  class Stream;
  void serve(Stream stream);
  void accept_all();
  void serve_one(Connection& connection);
  /// Until then, or the end of the test.
  void wait(std::chrono::milliseconds time);
  Behaviour next_behaviour();

  std::unique_ptr<Tls> tls_;
  struct Listener;
  std::unique_ptr<Listener> listener_;
  mutable std::mutex mutex_;
  Vectors vectors_;                                // guarded by mutex_
  Behaviour behaviour_;                            // guarded by mutex_
  std::string target_, authorization_, body_;      // guarded by mutex_
  std::vector<std::string> seen_;                  // guarded by mutex_
  std::vector<std::unique_ptr<Connection>> open_;  // guarded by mutex_
  std::atomic<std::size_t> requests_{0}, texts_{0}, connections_{0};
  std::atomic<bool> stopping_{false};  // set under mutex_
  std::condition_variable stopped_;
  std::thread acceptor_;
};

}  // namespace comem::testing
