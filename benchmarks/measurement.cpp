#include "benchmarks/measurement.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace comem::bench {

void Measurement::start() {
  cpu_started_ = bench::cpu_seconds();
  started_ = Steady::now();
}

void Measurement::stop() {
  seconds_ = ms_between(started_, Steady::now()) / 1000;
  cpu_seconds_ = bench::cpu_seconds() - cpu_started_;
}

double Measurement::percentile(double share) const {
  if (ms_.empty()) return 0;
  std::vector<double> sorted = ms_;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

double Measurement::per_second() const {
  return seconds_ > 0 ? static_cast<double>(count()) / seconds_ : 0;
}

double Measurement::cpu_us() const {
  return count() > 0 ? cpu_seconds_ * 1e6 / static_cast<double>(count()) : 0;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double peak_resident_mb() {
  // Not ru_maxrss, which a program inherits from the one that started it.
  std::ifstream file("/proc/self/status");
  double kilobytes = 0;
  for (std::string word; file >> word;)
    if (word == "VmHWM:") file >> kilobytes;
  return kilobytes * 1024 / 1e6;
}

}  // namespace comem::bench
