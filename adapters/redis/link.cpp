#include "adapters/redis/link.hpp"

#include "adapters/redis/link_core.hpp"

namespace comem::redis {

Link::Link(boost::asio::any_io_executor executor, LinkOptions options)
    : core_(std::make_shared<LinkCore>(std::move(executor), std::move(options))) {}

Link::~Link() {
  core_->forget_callbacks();
  core_->end();
}

void Link::start() {
  core_->start();
}

boost::asio::awaitable<Reply> Link::request(Request request) {
  return core_->request(std::move(request));
}

void Link::subscribe(std::string channel) {
  core_->subscribe(std::move(channel));
}

void Link::learn(const Value& info) {
  core_->learn(info);
}

void Link::reconnect(std::string reason) {
  core_->drop(std::move(reason));
}

boost::asio::awaitable<void> Link::stop() {
  core_->end();
  return core_->join();
}

bool Link::up() const noexcept {
  return core_->up();
}

const LinkMachine& Link::machine() const noexcept {
  return core_->machine();
}

std::string Link::endpoint() const {
  return core_->options().address.endpoint();
}

}  // namespace comem::redis
