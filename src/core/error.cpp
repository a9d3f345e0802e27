#include <comem/error.hpp>

namespace comem {
namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "comem"; }

  std::string message(int code) const override {
    switch (static_cast<errc>(code)) {
      case errc::invalid_argument:
        return "the value is not acceptable";
      case errc::rejected:
        return "the write was not applied";
      case errc::unknown_outcome:
        return "the write may or may not have been applied";
      case errc::corrupt:
        return "the data is corrupt";
      case errc::unsupported:
        return "not supported by this version";
      case errc::unavailable:
        return "cannot be reached or opened";
      case errc::timed_out:
        return "no answer within the deadline";
      case errc::closed:
        return "already closed";
      case errc::not_found:
        return "not found";
      case errc::limit_exceeded:
        return "a limit was exceeded";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

}  // namespace comem
