#include "tests/support/embedding_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <sys/socket.h>

#include <nlohmann/json.hpp>

namespace comem::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Code = boost::system::error_code;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;
using nlohmann::json;

class EmbeddingServer::Tls {
 public:
  Tls() : context(asio::ssl::context::tls_server) {}
  asio::ssl::context context;
};

struct EmbeddingServer::Listener {
  Listener() : acceptor(loop, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {}
  asio::io_context loop;
  tcp::acceptor acceptor;
};

struct EmbeddingServer::Connection {
  explicit Connection(tcp::socket socket_) : socket(std::move(socket_)) {}
  tcp::socket socket;
  std::thread thread;
};

/// One type for both kinds of connection: Beast's operations take long to compile for each.
class EmbeddingServer::Stream {
 public:
  using Secure = asio::ssl::stream<tcp::socket&>;
  explicit Stream(tcp::socket& plain) : plain_(&plain) {}
  explicit Stream(Secure& secure) : secure_(&secure) {}

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, Code& error) {
    return secure_ != nullptr ? secure_->read_some(buffers, error) : plain_->read_some(buffers, error);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, Code& error) {
    return secure_ != nullptr ? secure_->write_some(buffers, error) : plain_->write_some(buffers, error);
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    Code error;
    return checked(read_some(buffers, error), error);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    Code error;
    return checked(write_some(buffers, error), error);
  }

 private:
  static std::size_t checked(std::size_t size, const Code& error) {
    if (error) throw boost::system::system_error(error);
    return size;
  }

  tcp::socket* plain_ = nullptr;
  Secure* secure_ = nullptr;
};

namespace {

bool is_ollama(const Request& request) {
  return std::string_view(request.target()).find("/api/embed") != std::string_view::npos;
}

std::string reply_body(const Request& request, const std::vector<std::vector<float>>& vectors) {
  if (is_ollama(request)) return json{{"model", "m"}, {"embeddings", vectors}}.dump();
  json data = json::array();
  // Not in order: clients have to look at the index.
  for (std::size_t i = vectors.size(); i-- > 0;)
    data.push_back({{"object", "embedding"}, {"index", i}, {"embedding", vectors[i]}});
  return json{{"object", "list"}, {"data", data}, {"model", "m"}}.dump();
}

/// With the chunk that ends the body.
std::vector<std::string> chunks_of(const std::string& body, std::size_t size) {
  std::vector<std::string> chunks;
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string part = body.substr(at, size);
    chunks.push_back(std::to_string(part.size()) + "\r\n" + part + "\r\n");
  }
  chunks.emplace_back("0\r\n\r\n");
  return chunks;
}

Response make_response(const Request& request, unsigned status, std::string body) {
  Response response(static_cast<http::status>(status), request.version());
  response.set(http::field::content_type, "application/json");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  return response;
}

}  // namespace

EmbeddingServer::EmbeddingServer(Vectors vectors, const std::string& certificate, const std::string& key)
    : listener_(std::make_unique<Listener>()), vectors_(std::move(vectors)) {
  if (!certificate.empty()) {
    tls_ = std::make_unique<Tls>();
    tls_->context.use_certificate_chain_file(certificate);
    tls_->context.use_private_key_file(key, asio::ssl::context::pem);
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

EmbeddingServer::~EmbeddingServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  ::shutdown(listener_->acceptor.native_handle(), SHUT_RDWR);
  acceptor_.join();
  for (auto& connection : open_) {
    ::shutdown(connection->socket.native_handle(), SHUT_RDWR);
    connection->thread.join();
  }
}

std::string EmbeddingServer::url() const {
  const auto port = std::to_string(listener_->acceptor.local_endpoint().port());
  return tls_ ? "https://localhost:" + port : "http://127.0.0.1:" + port;
}

void EmbeddingServer::behave(Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  behaviour_ = std::move(behaviour);
}

void EmbeddingServer::behave(Fault fault, int times) {
  Behaviour behaviour;
  behaviour.fault = fault;
  behaviour.times = times;
  behave(std::move(behaviour));
}

void EmbeddingServer::give(Vectors vectors) {
  const std::lock_guard lock(mutex_);
  vectors_ = std::move(vectors);
}

std::string EmbeddingServer::last_target() const {
  const std::lock_guard lock(mutex_);
  return target_;
}
std::string EmbeddingServer::last_authorization() const {
  const std::lock_guard lock(mutex_);
  return authorization_;
}
std::string EmbeddingServer::last_body() const {
  const std::lock_guard lock(mutex_);
  return body_;
}
std::vector<std::string> EmbeddingServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

Behaviour EmbeddingServer::next_behaviour() {
  const std::lock_guard lock(mutex_);
  Behaviour now = behaviour_;
  if (behaviour_.times == 0) {
    now.fault = Fault::none;
  } else if (behaviour_.times > 0) {
    --behaviour_.times;
  }
  return now;
}

void EmbeddingServer::accept_all() {
  while (!stopping_) {
    Code error;
    tcp::socket socket = listener_->acceptor.accept(error);
    if (error) return;
    ++connections_;
    auto connection = std::make_unique<Connection>(std::move(socket));
    Connection& served = *connection;
    const std::lock_guard lock(mutex_);
    open_.push_back(std::move(connection));
    served.thread = std::thread([this, &served] { serve_one(served); });
  }
}

void EmbeddingServer::serve_one(Connection& connection) {
  try {
    if (tls_) {
      Stream::Secure secure(connection.socket, tls_->context);
      secure.handshake(asio::ssl::stream_base::server);
      serve(Stream(secure));
    } else {
      serve(Stream(connection.socket));
    }
  } catch (const boost::system::system_error&) {
    // The client has gone, or speaks no TLS that this server takes: that is what some tests are about. What
    // else is thrown, a request that is no JSON, say, is a defect and ends the test.
  }
  ::shutdown(connection.socket.native_handle(), SHUT_RDWR);
}

void EmbeddingServer::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, time, [this] { return stopping_.load(); });
}

void EmbeddingServer::serve(Stream stream) {
  boost::beast::flat_buffer buffer;
  while (!stopping_) {
    Request request;
    http::read(stream, buffer, request);
    ++requests_;
    const Behaviour behaviour = next_behaviour();
    const json body = json::parse(request.body());
    const auto texts = body.at("input").get<std::vector<std::string>>();
    bool refused = false;
    Vectors vectors_of;
    {
      const std::lock_guard lock(mutex_);
      target_ = std::string(request.method_string()) + " " + std::string(request.target());
      authorization_ = std::string(request[http::field::authorization]);
      body_ = request.body();
      vectors_of = vectors_;
    }
    for (const auto& text : texts)
      refused = refused ||
                (!behaviour.refused_word.empty() && text.find(behaviour.refused_word) != std::string::npos);
    std::vector<std::vector<float>> vectors;
    for (const auto& text : texts) vectors.push_back(vectors_of(text));
    switch (behaviour.fault) {
      case Fault::silent:
        wait(std::chrono::seconds(60));
        return;
      case Fault::closed:
        return;
      case Fault::no_http:
        asio::write(stream, asio::buffer(std::string("hello, this is no web server\r\n\r\n")));
        return;
      case Fault::status:
        refused = false;
        {
          auto response = make_response(request, behaviour.status, R"({"error":{"message":"secret words"}})");
          if (!behaviour.retry_after.empty()) response.set(http::field::retry_after, behaviour.retry_after);
          http::write(stream, response);
        }
        continue;
      case Fault::garbage:
        http::write(stream, make_response(request, 200, "<html>welcome</html>"));
        continue;
      case Fault::huge:
        http::write(stream, make_response(request, 200, std::string(std::size_t{65} << 20, ' ')));
        continue;
      case Fault::cut: {
        auto whole = make_response(request, 200, reply_body(request, vectors));
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(whole.body().size()) +
                                 "\r\n\r\n" + whole.body().substr(0, whole.body().size() / 2);
        asio::write(stream, asio::buffer(head));
        return;
      }
      case Fault::until_end:
        asio::write(stream, asio::buffer("HTTP/1.1 200 OK\r\n\r\n" + reply_body(request, vectors)));
        return;
      case Fault::chunked:
        asio::write(stream,
                    asio::buffer(std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")));
        for (const auto& chunk : chunks_of(reply_body(request, vectors), 3))
          asio::write(stream, asio::buffer(chunk));
        continue;
      case Fault::count:
        vectors.pop_back();
        break;
      case Fault::lengths:
        vectors.back().push_back(1.0f);
        break;
      case Fault::shorter:
        for (auto& vector : vectors) vector.pop_back();
        break;
      case Fault::no_number:
        http::write(stream,
                    make_response(request, 200, R"({"embeddings":[[NaN]],"data":[{"embedding":[NaN]}]})"));
        continue;
      case Fault::nothing:
        http::write(stream, make_response(request, 200, ""));
        continue;
      case Fault::slow:
        wait(behaviour.delay);
        break;
      case Fault::none:
        break;
    }
    if (refused) {
      http::write(stream, make_response(request, 400, R"({"error":"too long"})"));
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      seen_.insert(seen_.end(), texts.begin(), texts.end());
    }
    texts_ += texts.size();
    http::write(stream, make_response(request, 200, reply_body(request, vectors)));
    if (!request.keep_alive()) return;
  }
}

}  // namespace comem::testing
