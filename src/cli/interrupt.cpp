#include "cli/interrupt.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <system_error>

namespace comem::cli::interrupt {
namespace {

volatile sig_atomic_t was_requested = 0;
int pipe_ends[2] = {-1, -1};

extern "C" void comem_cli_on_signal(int) {
  const int kept = errno;
  was_requested = 1;
  const char byte = 1;
  [[maybe_unused]] const auto written = ::write(pipe_ends[1], &byte, 1);
  errno = kept;
}

}  // namespace

void install() {
  if (pipe_ends[0] >= 0) return;
  if (::pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "no pipe for signals");
  struct sigaction action = {};
  action.sa_handler = comem_cli_on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second signal has its usual effect
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigemptyset(&ignore.sa_mask);
  ::sigaction(SIGPIPE, &ignore, nullptr);
}

bool requested() noexcept {
  return was_requested != 0;
}
void check() {
  if (requested()) throw boost::system::system_error(boost::asio::error::operation_aborted);
}

int descriptor() noexcept {
  return pipe_ends[0];
}

}  // namespace comem::cli::interrupt
